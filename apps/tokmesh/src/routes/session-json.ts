/** Sessions as clients see them: the contract's section 2, column "Out". */
import { z } from 'zod'
import type { SessionRecord } from '../domain/session.ts'
import { unixMs } from './answers.ts'
import { type Parameter, parsed } from './parameters.ts'

const id = z.string().meta({ description: 'Public id.', examples: ['tmss-01m80fpef2mgrs32kz3b1cmtqj'] })
const address = z.string().meta({ description: 'Canonical IP text.', examples: ['192.0.2.7'] })

/** The 13 fields of an answer. */
export const sessionSchema = z
  .strictObject({
    id,
    user_id: z.string(),
    ip_address: address.meta({ description: 'Address of the client at create.' }),
    user_agent: z.string().meta({ description: '`User-Agent` at create, cut at 512 characters.' }),
    last_access_ip: address.meta({ description: 'Address of the client at the last validate with touch.' }),
    last_access_ua: z.string().meta({ description: '`User-Agent` at the last validate with touch.' }),
    device_id: z.string().meta({ description: 'Empty when it was not given.' }),
    created_by: z.string().meta({ description: 'Id of the API key that created it.' }),
    created_at: unixMs(),
    expires_at: unixMs('Expired from this moment on.'),
    last_active: unixMs('Never goes back.'),
    data: z.record(z.string(), z.string()),
    version: z.int().min(1).meta({ description: 'One more with each change.' }),
  })
  .meta({ id: 'Session' })

/** A session of which some fields were asked for. */
export const partialSessionSchema = sessionSchema.partial().required({ id: true }).meta({ id: 'PartialSession' })

/** The 13 fields of an answer. */
export type SessionJson = Readonly<z.infer<typeof sessionSchema>>

/** Fields that were asked for, and the id. */
export type PartialSessionJson = Readonly<z.infer<typeof partialSessionSchema>>

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

const names = Object.keys(sessionSchema.shape)

/** The query parameter `fields`: the names in it, `undefined` for all. */
export const fields: Parameter<ReadonlySet<string>, undefined> = parsed(
  `Names of the wanted fields, with commas. Some of: ${names.join(', ')}.`,
  { type: 'string', examples: ['id,user_id'] },
  (text) => {
    const wanted = text.split(',').map((name) => name.trim())
    if (wanted.every((name) => names.includes(name))) return new Set(wanted)
    throw new SyntaxError(`has to name some of ${names.join(', ')}`)
  },
)

/** The session with the wanted fields, the `kept` ones and its id; with all of them when nothing is wanted. */
export function project(
  session: SessionJson,
  wanted: ReadonlySet<string> | undefined,
  kept: readonly (keyof SessionJson)[] = [],
): PartialSessionJson {
  if (!wanted) return session
  const keep: ReadonlySet<string> = new Set(['id', ...wanted, ...kept])
  return Object.fromEntries(Object.entries(session).filter(([name]) => keep.has(name))) as PartialSessionJson
}
