/** `/admin/v1/keys`: the contract's sections 4.14 to 4.17. */
import { type ApiKeys, type KeyInfo, parseAllowList } from '@honoscope/api-key'
import { Hono } from 'hono'
import { keyFault } from '../domain/key-faults.ts'
import { hasUsableAdmin, noAdminWarning } from '../domain/last-admin.ts'
import { isLonger, keyLimits } from '../domain/rules.ts'
import { noteForAudit } from '../http/audit-note.ts'
import type { BodyOf } from '../http/body.ts'
import type { AppEnv } from '../http/env.ts'
import { badArgument, integer, oneOf } from '../http/fields.ts'
import { type Role, type RouteDeps, roles } from './deps.ts'
import { createKey, keyJson, keyStatuses, listKeys, rotateKey, setKeyStatus } from './key-operations.ts'
import type * as bodies from './schemas.ts'
import { serve } from './serve.ts'

const yearMs = 365 * 24 * 3_600_000

/** The key routes. They stand behind the guard of `/admin/v1`. */
export function keyRoutes(keys: ApiKeys<Role>, deps: RouteDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  serve(app, deps, createKey, async ({ body, caller, c }) => {
    const wanted = newKey(body)
    const { role, description, allowList: allowedlist, rateLimit: rate_limit } = wanted
    noteForAudit(c, { details: { role, description, allowedlist, rate_limit, expires_at: wanted.expiresAt } })
    const { record, secret } = await keys.create({ ...wanted, createdBy: caller.keyId }).catch(translate)
    noteForAudit(c, { resource: `key:${record.id}` })
    const { id: key_id, createdAt: created_at, expiresAt: expires_at } = record
    return { key_id, key_secret: secret, created_at, expires_at, ...lifetimeWarning(record) }
  })

  serve(app, deps, listKeys, async ({ query }) => {
    const { page, size } = query
    const { items, total } = await keys.list(query)
    return { items: items.map((key) => keyJson(key)), pagination: { page, size, total }, total_items: total }
  })

  serve(app, deps, setKeyStatus, async ({ path, body, c }) => {
    const id = path.key_id
    const wanted = oneOf(body.status, 'status', keyStatuses)
    noteForAudit(c, { action: wanted === 'active' ? 'KEY_ENABLED' : 'KEY_DISABLED' })
    const { status, role } = await keys.setStatus(id, wanted).catch(translate)
    const last = status === 'disabled' && role === 'admin' && !(await mayHaveAdmin(keys))
    return { key_id: id, status, updated_at: Date.now(), ...(last && { warning: noAdminWarning }) }
  })

  serve(app, deps, rotateKey, async ({ path, c }) => {
    const id = path.key_id
    const { secret, oldSecretValidUntil } = await keys.rotate(id).catch(translate)
    noteForAudit(c, { details: { old_secret_valid_until: oldSecretValidUntil } })
    return { key_id: id, new_key_secret: secret, old_secret_valid_until: oldSecretValidUntil }
  })

  return app
}

function newKey(input: BodyOf<typeof bodies.createKey>) {
  const role = oneOf(input.role ?? '', 'role', roles)
  const { description = '', allowedlist: allowList = [], rate_limit: rate = 1000, expires_at: expires = 0 } = input
  const { description: characters, allowList: entries, rate: max } = keyLimits
  if (isLonger(description, characters)) throw badArgument(`description is above its limit of ${characters} characters`)
  if (allowList.length > entries) throw badArgument(`allowedlist is above its limit of ${entries} entries`)
  checkAllowList(allowList)
  const rateLimit = integer(rate, 'rate_limit', { min: 1, max })
  const expiresAt = integer(expires, 'expires_at', { min: 0, max: Number.MAX_SAFE_INTEGER })
  return { role, description, allowList, rateLimit, expiresAt }
}

function checkAllowList(entries: readonly string[]): void {
  try {
    parseAllowList(entries)
  } catch {
    throw badArgument('allowedlist has an entry that is neither an IP address nor a CIDR block')
  }
}

function lifetimeWarning({ createdAt, expiresAt }: KeyInfo): { readonly warning?: string } {
  if (expiresAt === 0) return { warning: 'The key never expires' }
  return expiresAt - createdAt > yearMs ? { warning: 'The key lives longer than 365 days' } : {}
}

/** Whether an admin key is left. What was done is done where that can't be found out, and nobody is warned. */
function mayHaveAdmin(keys: ApiKeys<Role>): Promise<boolean> {
  return hasUsableAdmin(keys, Date.now()).catch(() => true)
}

function translate(error: unknown): never {
  throw keyFault(error)
}
