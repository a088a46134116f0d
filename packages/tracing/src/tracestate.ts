/** Most list members (W3C Trace Context level 2, section 3.3.1.1). */
const maxMembers = 32

/** The longest list that has only legal members: key 256, `=`, value 256, and commas between them. */
const maxLength = maxMembers * 514

const keyCharacter = '[a-z0-9_*/-]'
const key = `(?:[a-z0-9]${keyCharacter}{0,240}@[a-z]${keyCharacter}{0,13}|[a-z0-9]${keyCharacter}{0,255})`
// Printable ASCII but comma and equals sign; it doesn't end in a blank.
const value = '[\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e]'
const member = new RegExp(`^${key}=${value}$`)

/**
 * Returns a `tracestate` header as it is to be passed on: the same members in the same order, without blanks and empty
 * members. `''` when there is none, or when anything in it is illegal by W3C Trace Context level 2: one illegal member
 * makes all of them untrustworthy. A key with an `@` has the form `tenant@system`.
 */
export function cleanTracestate(header: string): string {
  // Blanks may be as many as they like; what is left of a list that is too long is not worth the search.
  if (header === '' || header.length > 2 * maxLength) return ''
  const members: string[] = []
  for (const part of header.split(',')) {
    const text = trimBlanks(part)
    if (text === '') continue
    if (members.length === maxMembers || !member.test(text)) return ''
    members.push(text)
  }
  return members.join(',')
}

/** Without the blanks of HTTP around it: `trim()` would take others too, and a pattern would take quadratic time. */
function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
