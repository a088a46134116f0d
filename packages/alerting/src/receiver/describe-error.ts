import { cleanText } from './clean-text.ts'

const maxChars = 300

/**
 * Returns what is kept of an error that a notifier or remediation rejected with: its name and message, cut, and of every
 * address only the scheme and the host, because the path of a webhook is its password.
 */
export function describeError(error: unknown): string {
  const text = textOf(error).replace(/\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@]*@)?([^\s/?#"'<>]*)[^\s"'<>]*/gi, '$1$2/…')
  return cleanText(text, maxChars)
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  } catch {
    // An object without a prototype, or one whose `toString` throws.
    return 'an error that can not be shown'
  }
}
