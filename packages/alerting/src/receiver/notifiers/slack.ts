import type { Notifier } from '../notifier.ts'
import { createHttpSender, discard, type HttpOptions } from './http-sender.ts'
import { checkHttpUrl, checkWhole } from './option-check.ts'
import { slackPayload } from './slack-blocks.ts'

/** Options of {@link slack}. */
export interface SlackOptions extends HttpOptions {
  /** URL of the incoming webhook. A secret: it is in no error. Anything but a URL of http or https throws a TypeError. */
  readonly url: string
  /** Alerts of a message that are shown; the rest is counted. 1 to 40, default: 10. Others throw a TypeError. */
  readonly maxAlerts?: number
}

/**
 * Returns a notifier that posts to an incoming webhook of Slack, one message for all alerts of a group.
 *
 * Throws a TypeError that names the option which is wrong. Slack drops no duplicates: a message whose answer was lost
 * is posted again.
 *
 * @example
 * ```ts
 * import { slack } from '@honoscope/alerting/receiver'
 *
 * const team = slack({ url: 'https://hooks.example.com/services/T000/B000/secret' })
 * ```
 */
export function slack(options: SlackOptions): Notifier {
  const url = checkHttpUrl('slack: url', options.url)
  const maxAlerts = checkWhole('slack: maxAlerts', options.maxAlerts ?? 10, 1, 40)
  const send = createHttpSender('slack', options)
  return {
    kind: 'slack',
    async send(message, { signal }) {
      await discard(await send({ url, body: JSON.stringify(slackPayload(message, maxAlerts)), signal }))
    },
  }
}
