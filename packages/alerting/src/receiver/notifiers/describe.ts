import type { Message, MessageAlert } from '../notifier.ts'
import { cleanLine, cleanLines, clip } from './text.ts'

/** What a person is told about an alert, cleaned and cut, but not yet encoded for where it goes. */
export interface AlertText {
  readonly name: string
  readonly severity: string
  readonly summary: string
  readonly description: string
  /** Absolute, of http or https; `undefined` where there is none that is. */
  readonly runbookUrl: string | undefined
  readonly sourceUrl: string | undefined
}

/** Longest name of an alert that is shown. */
const NAME = 120
const SUMMARY = 300
const DESCRIPTION = 700
/** Longer links are left out: cut ones lead nowhere. Prometheus puts whole expressions into its links. */
const LINK = 1500
/** Names that stand in a title. */
const NAMES = 3
const RANKS: readonly string[] = ['critical', 'page', 'error', 'high', 'warning', 'info', 'none']

/** Returns what is told about an alert. */
export function describeAlert(alert: MessageAlert): AlertText {
  const { labels, annotations } = alert
  return {
    name: nameOf(alert),
    severity: clip(cleanLine(labels.severity ?? ''), 40),
    summary: clip(cleanLine(annotations.summary ?? ''), SUMMARY),
    description: clip(cleanLines(annotations.description ?? annotations.message ?? ''), DESCRIPTION),
    runbookUrl: safeUrl(annotations.runbook_url ?? ''),
    sourceUrl: safeUrl(alert.generatorUrl),
  }
}

/** Returns a line for all of a message: `[FIRING:3] HighLatency, LowDisk`. */
export function titleOf(message: Message): string {
  const names = [...new Set(message.alerts.map(nameOf))]
  const shown = names.slice(0, NAMES).join(', ')
  const rest = names.length > NAMES ? ` and ${names.length - NAMES} more` : ''
  const count = message.status === 'firing' ? `FIRING:${message.alerts.length}` : 'RESOLVED'
  return `[${count}] ${shown}${rest}`
}

/** Returns the worst severity among the alerts of a message, empty when they have none. */
export function severityOf(message: Message): string {
  const severities = message.alerts.map((alert) => clip(cleanLine(alert.labels.severity ?? ''), 40)).filter(Boolean)
  const rank = (severity: string): number => {
    const index = RANKS.indexOf(severity.toLowerCase())
    return index < 0 ? RANKS.length : index
  }
  return severities.reduce((worst, it) => (rank(it) < rank(worst) ? it : worst), severities[0] ?? '')
}

/** Returns the labels that the alerts of a message have in common, on one line: `cluster=eu, job=api`. */
export function groupOf(message: Message): string {
  const pairs = Object.entries(message.groupLabels).filter(([name]) => name !== 'alertname')
  return clip(pairs.map(([name, value]) => `${cleanLine(name)}=${cleanLine(value)}`).join(', '), 300)
}

/** Returns a link that may be shown: of http or https, without credentials. */
export function safeUrl(text: string): string | undefined {
  if (text === '' || text.length > LINK || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  url.username = ''
  url.password = ''
  // `|` ends the address of a link in Slack's texts; the others close links or quotes somewhere.
  const href = url.href.replace(/[|<>"'`\\()[\]]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)
  return href.length > LINK ? undefined : href
}

function nameOf(alert: MessageAlert): string {
  return clip(cleanLine(alert.labels.alertname ?? ''), NAME) || 'alert without a name'
}
