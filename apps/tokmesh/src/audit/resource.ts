/** What a call is about, by its address: for a call that is refused before its path is read. */
import { keyIdPattern, sessionIdPattern } from '../domain/ids.ts'
import { fieldLimits, isLonger, isStorable } from '../domain/rules.ts'

/** `session:<id>`, `user:<user_id>` or `key:<key_id>` by the parameter of `route`; `''` without one, or a malformed one. */
export function resourceAt(route: string, url: string): string {
  const names = route.split('/')
  const at = names.findIndex((name) => name.startsWith(':'))
  if (at < 0) return ''
  // As sent: Hono's path is decoded half, and leaves broken percent-encoding as it is.
  const path = /^[a-z]+:\/\/[^/]*([^?#]*)/.exec(url)?.[1] ?? ''
  const text = path.split('/')[at] ?? ''
  switch (names[at]) {
    case ':session_id':
      return matching('session', text, sessionIdPattern)
    case ':key_id':
      return matching('key', text, keyIdPattern)
    case ':user_id':
      return userResource(text)
    default:
      return ''
  }
}

function matching(kind: string, text: string, pattern: RegExp): string {
  const id = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  return pattern.test(id) ? `${kind}:${id}` : ''
}

function userResource(text: string): string {
  try {
    const userId = decodeURIComponent(text)
    return userId === '' || !isStorable(userId) || isLonger(userId, fieldLimits.userId) ? '' : `user:${userId}`
  } catch {
    return ''
  }
}
