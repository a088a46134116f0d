import type { Message, MessageAlert } from '../notifier.ts'
import { describeAlert, groupOf, safeUrl } from './describe.ts'
import { digest } from './digest.ts'
import { cleanLine, cleanLines, clip } from './text.ts'

/** What PagerDuty knows. */
export type PagerDutySeverity = 'critical' | 'error' | 'warning' | 'info'

/** PagerDuty's limits: characters of a summary and of a key. */
const SUMMARY = 1024
const KEY = 255
/** An event has 512 KB at most; as many labels of this length take a quarter of it, whatever they are made of. */
const DETAIL = 1024
const DETAILS = 64

const SEVERITIES: Readonly<Record<string, PagerDutySeverity>> = {
  critical: 'critical',
  page: 'critical',
  error: 'error',
  high: 'error',
  warning: 'warning',
  info: 'info',
  none: 'info',
}

/** Returns the event of one alert, for `POST /v2/enqueue`. */
export function pagerDutyEvent(
  routingKey: string,
  message: Message,
  alert: MessageAlert,
  severities: Readonly<Record<string, PagerDutySeverity>>,
): object {
  const event = { routing_key: routingKey, dedup_key: keyOf(alert.incidentId) }
  if (message.status === 'resolved') return { ...event, event_action: 'resolve' }
  const it = describeAlert(alert)
  const clientUrl = safeUrl(message.externalUrl)
  return {
    ...event,
    event_action: 'trigger',
    client: 'Honoscope',
    ...(clientUrl === undefined ? {} : { client_url: clientUrl }),
    links: [link(it.runbookUrl, 'Runbook'), link(it.sourceUrl, 'Source')].filter((link) => link !== undefined),
    payload: {
      summary: clip(it.summary === '' ? it.name : `${it.name}: ${it.summary}`, SUMMARY),
      severity: severityOf(alert, severities),
      timestamp: new Date(alert.startsAt).toISOString(),
      class: it.name,
      ...whereOf(alert),
      ...(groupOf(message) === '' ? {} : { group: groupOf(message) }),
      custom_details: {
        ...(it.description === '' ? {} : { description: it.description }),
        labels: detailsOf(alert.labels),
        annotations: detailsOf(alert.annotations),
      },
    },
  }
}

function keyOf(incidentId: string): string {
  return /^[\x21-\x7e]+$/.test(incidentId) && incidentId.length <= KEY ? incidentId : digest(incidentId)
}

/** What has a severity that nobody has named is an error: better looked at than overlooked. */
function severityOf(alert: MessageAlert, own: Readonly<Record<string, PagerDutySeverity>>): PagerDutySeverity {
  const severity = (alert.labels.severity ?? '').toLowerCase()
  if (Object.hasOwn(own, severity)) return own[severity] ?? 'error'
  return Object.hasOwn(SEVERITIES, severity) ? (SEVERITIES[severity] ?? 'error') : 'error'
}

/** PagerDuty wants to know which machine or service it is; the labels that tell so differ by exporter. */
function whereOf({ labels }: MessageAlert): { source: string; component?: string } {
  const first = (...names: string[]): string =>
    clip(names.map((name) => cleanLine(labels[name] ?? '')).find((value) => value !== '') ?? '', 255)
  const component = first('service', 'job', 'container')
  return {
    source: first('instance', 'pod', 'node', 'service', 'job', 'cluster') || 'prometheus',
    ...(component === '' ? {} : { component }),
  }
}

function detailsOf(texts: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(texts).slice(0, DETAILS)
  return Object.fromEntries(pairs.map(([name, value]) => [clip(name, 128), clip(cleanLines(value), DETAIL)]))
}

function link(href: string | undefined, text: string): { href: string; text: string } | undefined {
  return href === undefined ? undefined : { href, text }
}
