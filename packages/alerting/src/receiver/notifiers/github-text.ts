import { clip } from './text.ts'
import type { TicketDraft } from './ticket-system.ts'

/** GitHub refuses bodies of more than 65,536 characters; nobody reads as many. */
const BODY = 20_000

/**
 * Returns the first line of a ticket or comment of ours, which nobody sees. It is looked for at the start only, so that
 * a label with such a line in it is nothing but text.
 */
export function markerOf(digest: string): string {
  return `<!-- honoscope: ${digest} -->`
}

/** Returns the line where a marker stands if there is one. */
export function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trimEnd()
}

/** Returns the body of an issue. */
export function bodyOf(marker: string, draft: TicketDraft): string {
  const links = draft.links.map(({ title, url }) => `${title}: <${url}>`).join(' · ')
  return [marker, links, fenced(draft.text)].filter(Boolean).join('\n\n')
}

/** Returns the text as a block of code, in which nothing is a mention, an image, a link or HTML. */
export function fenced(text: string): string {
  const cut = clip(text, BODY)
  const longest = Math.max(0, ...(cut.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(Math.max(3, longest + 1))
  return `${fence}text\n${cut}\n${fence}`
}
