/** Values in the path: the contract's section 4.0. */
import { keyIdPattern, lowerCase, sessionIdPattern } from '../domain/ids.ts'
import { fieldLimits, isStorable } from '../domain/rules.ts'
import type { AppContext } from './env.ts'
import { badArgument } from './fields.ts'

/** Every parameter that a path of this service has. `parse` throws `TM-ARG-1001` for a malformed text. */
export const pathParameters = {
  session_id: {
    parse: (text: string) => matching(text, sessionIdPattern, 'session_id'),
    description: 'Id of a session, in any case.',
    schema: { type: 'string', pattern: anyCase(sessionIdPattern) },
  },
  key_id: {
    parse: (text: string) => matching(text, keyIdPattern, 'key_id'),
    description: 'Id of an API key, in any case.',
    schema: { type: 'string', pattern: anyCase(keyIdPattern) },
  },
  user_id: {
    parse: parseUserId,
    description: 'Id of a user, percent-encoded.',
    schema: { type: 'string', minLength: 1, maxLength: fieldLimits.userId },
  },
} as const

/** Values of the parameters that a path has; the others are empty. */
export type PathValues = Readonly<Record<PathName, string>>

/** Name of a parameter in a path. */
export type PathName = keyof typeof pathParameters

/** Names of the parameters of a template in Hono's form, in order. */
export function pathNames(template: string): readonly PathName[] {
  return Array.from(template.matchAll(/:(\w+)/g), ([, name]) => name as PathName)
}

/** Reads the parameters that the template has. Throws `TM-ARG-1001` for a malformed one. */
export function readPath(c: AppContext, template: string): PathValues {
  const values = { session_id: '', key_id: '', user_id: '' }
  for (const name of pathNames(template)) {
    values[name] = pathParameters[name].parse(segmentOf(c.req.url, template, name))
  }
  if (values.session_id !== '') c.set('sessionId', values.session_id)
  return values
}

/** As {@link readPath}, for calls that are refused before their path is read: a malformed value is empty. */
export function peekPath(url: string, template: string): PathValues {
  const values = { session_id: '', key_id: '', user_id: '' }
  for (const name of pathNames(template)) {
    try {
      values[name] = pathParameters[name].parse(segmentOf(url, template, name))
    } catch {
      // Nothing can be said of what it is about.
    }
  }
  return values
}

/**
 * The segment of the URL's path at the place that the parameter has in the template, as it was sent: Hono's own is
 * decoded half, and leaves broken percent-encoding as it is. Neither host nor query can stand in for it.
 */
function segmentOf(url: string, template: string, name: PathName): string {
  const path = /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? ''
  return path.split('/')[template.split('/').indexOf(`:${name}`)] ?? ''
}

function parseUserId(text: string): string {
  const userId = decode(text)
  if (userId === undefined || !isStorable(userId)) throw badArgument('user_id is not valid percent-encoded text')
  return userId
}

function matching(text: string, pattern: RegExp, name: string): string {
  const lower = lowerCase(decode(text) ?? '')
  if (!pattern.test(lower)) throw badArgument(`${name} is malformed`)
  return lower
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Source of a pattern for lower-case ids that takes upper case too, as JSON Schema has no flags. */
export function anyCase(pattern: RegExp): string {
  return pattern.source
    .replace('tmss', '[Tt][Mm][Ss][Ss]')
    .replace('tmak', '[Tt][Mm][Aa][Kk]')
    .replace('a-hjkmnp-tv-z', 'A-HJKMNP-TV-Za-hjkmnp-tv-z')
}
