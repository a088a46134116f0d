import type { Notifier } from '../notifier.ts'
import { forEachAlert } from './each-alert.ts'
import { createHttpSender, discard, type HttpOptions } from './http-sender.ts'
import { checkHttpUrl } from './option-check.ts'
import { type PagerDutySeverity, pagerDutyEvent } from './pager-duty-event.ts'
import { createProgress } from './progress.ts'

/** Options of {@link pagerDuty}. */
export interface PagerDutyOptions extends HttpOptions {
  /** The integration key of Events API v2: 32 letters and digits. A secret: it is in no error. Others throw a TypeError. */
  readonly routingKey: string
  /**
   * Where events are posted to. Default: `https://events.pagerduty.com/v2/enqueue`; accounts of the EU have
   * `https://events.eu.pagerduty.com/v2/enqueue`. Anything but a URL of http or https throws a TypeError.
   */
  readonly url?: string
  /**
   * What your values of the label `severity`, in lower case, are for PagerDuty. `critical`, `page`, `error`, `high`,
   * `warning`, `info` and `none` are known; what is not is an `error`. A value that PagerDuty lacks throws a TypeError.
   */
  readonly severities?: Readonly<Record<string, PagerDutySeverity>>
}

/** Requests at once. PagerDuty takes some hundred a minute for a key: more would only meet its limit earlier. */
const AT_ONCE = 4
const KNOWN: readonly string[] = ['critical', 'error', 'warning', 'info']

/**
 * Returns a notifier that triggers and resolves alerts of PagerDuty by its Events API v2, one for each incident, whose
 * id is the `dedup_key`: what is told twice is one alert there.
 *
 * Throws a TypeError that names the option which is wrong.
 *
 * @example
 * ```ts
 * import { pagerDuty } from '@honoscope/alerting/receiver'
 *
 * const onCall = pagerDuty({ routingKey: '0123456789abcdef0123456789abcdef', severities: { sev1: 'critical' } })
 * ```
 */
export function pagerDuty(options: PagerDutyOptions): Notifier {
  const { routingKey, severities = {} } = options
  if (!/^[A-Za-z0-9]{32}$/.test(routingKey)) throw new TypeError('pagerDuty: routingKey must be 32 letters and digits')
  const url = checkHttpUrl('pagerDuty: url', options.url ?? 'https://events.pagerduty.com/v2/enqueue')
  for (const [name, severity] of Object.entries(severities))
    if (!KNOWN.includes(severity))
      throw new TypeError(`pagerDuty: severities[${name}] must be one of ${KNOWN.join(', ')}`)
  const send = createHttpSender('pagerDuty', options)
  const progress = createProgress()
  return {
    kind: 'pagerduty',
    async send(message, { signal }) {
      const told = progress.of(message.id)
      const left = message.alerts.filter((alert) => !told.has(alert.incidentId))
      await forEachAlert(left, AT_ONCE, async (alert) => {
        const body = JSON.stringify(pagerDutyEvent(routingKey, message, alert, severities))
        await discard(await send({ url, body, signal }))
        told.add(alert.incidentId)
      })
      progress.forget(message.id)
    },
  }
}
