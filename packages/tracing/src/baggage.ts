/** Bytes of all members with their commas, and most members (W3C Baggage, section 3.3.2). */
const maxBytes = 8192
const maxMembers = 64

// RFC 9110's token; the value is printable ASCII but blanks, `"`, `,`, `;` and `\`.
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const octets = '[\\x21\\x23-\\x2b\\x2d-\\x3a\\x3c-\\x5b\\x5d-\\x7e]*'
const pair = new RegExp(`^(${token})[ \\t]*=[ \\t]*(${octets})$`)
const property = new RegExp(`^${token}(?:[ \\t]*=[ \\t]*${octets})?$`)

/**
 * Returns a `baggage` header as it is to be passed on: its legal members, within the limits of W3C Baggage; the others
 * are left out whole. `''` when none is left.
 */
export function cleanBaggage(header: string): string {
  // A member beyond the limit is not passed on anyway, so what stands behind twice as much need not be looked at.
  const end = header.length > 2 * maxBytes ? Math.max(0, header.lastIndexOf(',', 2 * maxBytes)) : header.length
  let cleaned = ''
  let count = 0
  for (const part of header.slice(0, end).split(',')) {
    const text = part.trim()
    if (text === '' || !isMember(text)) continue
    const next = cleaned === '' ? text : `${cleaned},${text}`
    if (next.length > maxBytes) continue
    cleaned = next
    if (++count === maxMembers) break
  }
  return cleaned
}

function isMember(text: string): boolean {
  const [first = '', ...properties] = text.split(';')
  return pair.test(first.trim()) && properties.every((one) => property.test(one.trim()))
}

/** Returns the values by name, percent-decoded, of a header that was cleaned. The last of two with one name counts. */
export function readBaggage(cleaned: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  if (cleaned === '') return values
  for (const part of cleaned.split(',')) {
    const [, name, value = ''] = pair.exec(part.split(';')[0]?.trim() ?? '') ?? []
    if (name !== undefined) values.set(name, decode(value))
  }
  return values
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
