/** What Slack and PagerDuty say that they refuse, in our words. */

interface Text {
  type: string
  text: string
}

/** Tells why Slack would refuse a message, `undefined` when it wouldn't. */
export function slackFault(body: string): string | undefined {
  const { text, blocks } = JSON.parse(body) as {
    text: string
    blocks: { type: string; text?: Text; elements?: Text[] }[]
  }
  if (text === '' || text.length > 4000) return 'no_text'
  if (blocks.length > 50) return 'too many blocks'
  if (JSON.stringify(blocks).length > 13_000) return 'msg_blocks_too_long'
  for (const block of blocks) {
    const texts = [...(block.text ? [block.text] : []), ...(block.elements ?? [])]
    const most = block.type === 'header' ? 150 : 3000
    if (texts.length === 0 || texts.some((it) => it.text.length < 1 || it.text.length > most)) return 'invalid_blocks'
    if (texts.some((it) => it.type === 'mrkdwn' && /<(?!https?:\/\/[^\s<>|]+\|\w+>)/.test(it.text))) return 'raw markup'
  }
  return undefined
}

/** Tells why PagerDuty would refuse an event, `undefined` when it wouldn't. */
export function pagerDutyFault(body: string): string | undefined {
  const event = JSON.parse(body)
  if (Buffer.byteLength(body) > 512 * 1024) return 'too large'
  if (event.routing_key?.length !== 32) return 'routing_key'
  if (typeof event.dedup_key !== 'string' || event.dedup_key.length < 1 || event.dedup_key.length > 255)
    return 'dedup_key'
  if (event.event_action === 'resolve') return undefined
  if (event.event_action !== 'trigger') return 'event_action'
  const { summary, source, severity, timestamp } = event.payload
  if (typeof summary !== 'string' || summary.length < 1 || summary.length > 1024) return 'summary'
  if (typeof source !== 'string' || source === '') return 'source'
  if (!['critical', 'error', 'warning', 'info'].includes(severity)) return 'severity'
  if (Number.isNaN(Date.parse(timestamp))) return 'timestamp'
  if (event.links.some(({ href }: { href: string }) => !URL.canParse(href))) return 'links'
  return undefined
}
