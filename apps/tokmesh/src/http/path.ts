/** Values in the path: the contract's section 4.0. */
import { sessionIdPattern } from '../domain/ids.ts'
import { fieldLimits, isStorable } from '../domain/rules.ts'
import type { AppContext } from './env.ts'
import { badArgument } from './fields.ts'

/** Id of an API key, in lower case. */
export const keyIdPattern: RegExp = /^tmak-[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** Every parameter that a path of this service has. */
export const pathParameters = {
  session_id: {
    read: sessionIdOf,
    description: 'Id of a session, in any case.',
    schema: { type: 'string', pattern: anyCase(sessionIdPattern) },
  },
  key_id: {
    read: keyIdOf,
    description: 'Id of an API key, in any case.',
    schema: { type: 'string', pattern: anyCase(keyIdPattern) },
  },
  user_id: {
    read: userIdOf,
    description: 'Id of a user, percent-encoded.',
    schema: { type: 'string', minLength: 1, maxLength: fieldLimits.userId },
  },
} as const

/** Values of the parameters that a path has; the others are empty. */
export type PathValues = Readonly<Record<PathName, string>>

/** Name of a parameter in a path. */
export type PathName = keyof typeof pathParameters

/** Reads the named parameters. Throws `TM-ARG-1001` for a malformed one. */
export function readPath(c: AppContext, names: readonly PathName[]): PathValues {
  const values = { session_id: '', key_id: '', user_id: '' }
  for (const name of names) values[name] = pathParameters[name].read(c)
  return values
}

/** The `{session_id}` of the path in lower case. Throws `TM-ARG-1001` when it is malformed. */
function sessionIdOf(c: AppContext): string {
  const id = matching(c.req.param('session_id'), sessionIdPattern, 'session_id')
  c.set('sessionId', id)
  return id
}

/** The `{key_id}` of the path in lower case. Throws `TM-ARG-1001` when it is malformed. */
function keyIdOf(c: AppContext): string {
  return matching(c.req.param('key_id'), keyIdPattern, 'key_id')
}

/** The `{user_id}` of `/users/{user_id}/…`, percent-decoded. Throws `TM-ARG-1001` when that can't be done. */
function userIdOf(c: AppContext): string {
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

/** The text with A to Z in lower case, and nothing else: toLowerCase() also turns the Kelvin sign into a k. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** Source of a pattern for lower-case ids that takes upper case too, as JSON Schema has no flags. */
export function anyCase(pattern: RegExp): string {
  return pattern.source
    .replace('tmss', '[Tt][Mm][Ss][Ss]')
    .replace('tmak', '[Tt][Mm][Aa][Kk]')
    .replace('a-hjkmnp-tv-z', 'A-HJKMNP-TV-Za-hjkmnp-tv-z')
}

function matching(value: string | undefined, pattern: RegExp, name: string): string {
  const lower = lowerCase(value ?? '')
  if (!pattern.test(lower)) throw badArgument(`${name} is malformed`)
  return lower
}
