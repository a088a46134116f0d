/** Values in the path: the contract's section 4.0. */
import { sessionIdPattern } from '../domain/ids.ts'
import { isStorable } from '../domain/rules.ts'
import type { AppContext } from './env.ts'
import { badArgument } from './fields.ts'

const keyId = /^tmak-[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** The `{session_id}` of the path in lower case. Throws `TM-ARG-1001` when it is malformed. */
export function sessionIdOf(c: AppContext): string {
  const id = matching(c.req.param('session_id'), sessionIdPattern, 'session_id')
  c.set('sessionId', id)
  return id
}

/** The `{key_id}` of the path in lower case. Throws `TM-ARG-1001` when it is malformed. */
export function keyIdOf(c: AppContext): string {
  return matching(c.req.param('key_id'), keyId, 'key_id')
}

/** The `{user_id}` of `/users/{user_id}/…`, percent-decoded. Throws `TM-ARG-1001` when that can't be done. */
export function userIdOf(c: AppContext): string {
  // From the URL as sent: Hono leaves broken percent-encoding as it is, and here that is an error.
  const raw = /\/users\/([^/?#]*)\//.exec(c.req.url)?.[1] ?? ''
  const userId = decode(raw)
  if (userId === undefined || !isStorable(userId)) throw badArgument('user_id is not valid percent-encoded text')
  return userId
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function matching(value: string | undefined, pattern: RegExp, name: string): string {
  // By hand for A to Z: toLowerCase() also turns the Kelvin sign into a k.
  const lower = (value ?? '').replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  if (!pattern.test(lower)) throw badArgument(`${name} is malformed`)
  return lower
}
