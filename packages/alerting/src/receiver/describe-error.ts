import { cleanText } from './clean-text.ts'

const maxChars = 300
/** No more of a text is looked at: an error may hold a whole page. */
const maxRead = 4_000
const address = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s"'<>]*)/gi
const host = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/**
 * Returns what is kept of an error that a notifier or remediation rejected with: its name and message, cut, and of every
 * address only the scheme and the host, because the path of a webhook is its password.
 */
export function describeError(error: unknown): string {
  const text = textOf(error)
  // The last word may be the half of an address, with a password and no host.
  const read = text.length > maxRead ? text.slice(0, maxRead).replace(/\S+$/, '…') : text
  return cleanText(read.replace(address, hostOf), maxChars)
}

/** Passwords that nobody has encoded have `@`, `/` and `:` in them: what may be a part of one is no host. */
function hostOf(_: string, scheme: string, rest: string): string {
  const authority = rest.split(/[/?#]/, 1)[0] ?? ''
  const last = authority.slice(authority.lastIndexOf('@') + 1)
  return host.test(last) ? `${scheme}${last}/…` : `${scheme}…`
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  } catch {
    // An object without a prototype, or one whose `toString` throws.
    return 'an error that can not be shown'
  }
}
