import type { Message, MessageAlert } from '../notifier.ts'
import { describeAlert, groupOf, safeUrl, severityOf, titleOf } from './describe.ts'
import { clip, htmlCharacter } from './text.ts'

/** Slack's own limits: characters of a header, characters of a section. */
const HEADER = 150
const SECTION = 3000
/**
 * Slack refuses messages whose blocks hold too much together, with `msg_blocks_too_long`: it begins somewhere above
 * 13,000 characters and is documented nowhere (slackapi/bolt-js issue 2509).
 */
const ALL_BLOCKS = 12_000

/** What is sent to an incoming webhook. */
export interface SlackPayload {
  /** For notifications and screen readers, which know no blocks. */
  readonly text: string
  readonly blocks: readonly SlackBlock[]
}

interface SlackText {
  readonly type: 'plain_text' | 'mrkdwn'
  readonly text: string
  readonly emoji?: boolean
  readonly verbatim?: boolean
}

type SlackBlock =
  | { readonly type: 'header' | 'section'; readonly text: SlackText }
  | { readonly type: 'context'; readonly elements: readonly SlackText[] }

/** Returns a message as Slack's blocks, within all of Slack's limits. */
export function slackPayload(message: Message, maxAlerts: number): SlackPayload {
  const title = titleOf(message)
  const sign = message.status === 'resolved' ? '🟢' : severityOf(message).toLowerCase() === 'critical' ? '🔴' : '🟠'
  const blocks: SlackBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: clip(`${sign} ${title}`, HEADER), emoji: true } },
    context(aboutAll(message)),
  ]
  // Room for the last line.
  let room = ALL_BLOCKS - JSON.stringify(blocks).length - 800
  let shown = 0
  for (const alert of message.alerts.slice(0, maxAlerts)) {
    const block = section(alert)
    room -= JSON.stringify(block).length
    if (room < 0) break
    blocks.push(block)
    shown++
  }
  const rest = message.alerts.length - shown
  if (rest > 0) blocks.push(context(`and ${rest} more`))
  return { text: encode(title, 1000), blocks }
}

function section(alert: MessageAlert): SlackBlock {
  const it = describeAlert(alert)
  const links = [link(it.runbookUrl, 'Runbook'), link(it.sourceUrl, 'Source')].filter(Boolean)
  const severity = it.severity === '' ? '' : ` · ${encode(it.severity, 120)}`
  const lines = [`*${encode(it.name, 300)}*${severity}`, encode(it.summary, 600), encode(it.description, 1200)]
  const text = lines.filter(Boolean).join('\n')
  const linked = [text, links.join(' · ')].filter(Boolean).join('\n')
  // Two of the longest links may not fit beside the rest: then the text stands alone.
  return { type: 'section', text: mrkdwn(linked.length > SECTION ? text : linked) }
}

function aboutAll(message: Message): string {
  const count = `${message.alerts.length} ${message.alerts.length === 1 ? 'alert' : 'alerts'} ${message.status}`
  const alertmanager = link(safeUrl(message.externalUrl), 'Alertmanager')
  return [encode(severityOf(message), 120), count, encode(groupOf(message), 600), alertmanager]
    .filter(Boolean)
    .join(' · ')
}

function context(text: string): SlackBlock {
  return { type: 'context', elements: [mrkdwn(text)] }
}

/** `verbatim`: Slack makes no links of what looks like a channel or a URL. */
function mrkdwn(text: string): SlackText {
  return { type: 'mrkdwn', text, verbatim: true }
}

function link(url: string | undefined, title: string): string {
  return url === undefined ? '' : `<${url.replaceAll('&', '&amp;')}|${title}>`
}

/** Slack asks for exactly these three: so no label can mention a channel (`<!channel>`) or make a link. */
function encode(text: string, most: number): string {
  return clip(text, most, (it) => (it === '&' || it === '<' || it === '>' ? htmlCharacter(it) : it))
}
