/** Sessions as clients see them: the contract's section 2, column "Out". */
import type { SessionRecord } from '../domain/session.ts'
import { badArgument } from '../http/fields.ts'

/** The 13 fields of an answer. */
export interface SessionJson {
  readonly id: string
  readonly user_id: string
  readonly ip_address: string
  readonly user_agent: string
  readonly last_access_ip: string
  readonly last_access_ua: string
  readonly device_id: string
  readonly created_by: string
  readonly created_at: number
  readonly expires_at: number
  readonly last_active: number
  readonly data: Readonly<Record<string, string>>
  readonly version: number
}

/** The session with its response-visible fields. */
export function sessionJson(session: SessionRecord): SessionJson {
  return {
    id: session.id,
    user_id: session.userId,
    ip_address: session.ipAddress,
    user_agent: session.userAgent,
    last_access_ip: session.lastAccessIp,
    last_access_ua: session.lastAccessUa,
    device_id: session.deviceId,
    created_by: session.createdBy,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    last_active: session.lastActive,
    data: session.data,
    version: session.version,
  }
}

const names: ReadonlySet<string> = new Set<keyof SessionJson>([
  'id',
  'user_id',
  'ip_address',
  'user_agent',
  'last_access_ip',
  'last_access_ua',
  'device_id',
  'created_by',
  'created_at',
  'expires_at',
  'last_active',
  'data',
  'version',
])

/** The names in a `fields` parameter, `undefined` for all. Throws `TM-ARG-1001` for an unknown or empty one. */
export function parseFields(text: string | undefined): ReadonlySet<string> | undefined {
  if (text === undefined) return undefined
  const wanted = text.split(',').map((name) => name.trim())
  if (!wanted.every((name) => names.has(name))) throw badArgument(`fields has to name some of ${[...names].join(', ')}`)
  return new Set(wanted)
}

/** The session with the wanted fields and the `kept` ones; with all of them when nothing is wanted. */
export function project(
  session: SessionJson,
  wanted: ReadonlySet<string> | undefined,
  kept: readonly (keyof SessionJson)[],
): Partial<SessionJson> {
  if (!wanted) return session
  const keep: ReadonlySet<string> = new Set([...wanted, ...kept])
  return Object.fromEntries(Object.entries(session).filter(([name]) => keep.has(name)))
}
