/** `/admin/v1/keys`: the contract's sections 4.14 to 4.17. */
import { ApiKeyError, type ApiKeys, type KeyInfo, parseAllowList } from '@honoscope/api-key'
import { type Handler, Hono } from 'hono'
import { TokMeshError } from '../domain/errors.ts'
import { isLonger } from '../domain/rules.ts'
import type { BodyOf } from '../http/body.ts'
import type { AppEnv } from '../http/env.ts'
import { ok } from '../http/envelope.ts'
import { badArgument, integer, oneOf, queryInteger, queryParam, required } from '../http/fields.ts'
import { keyIdOf } from '../http/path.ts'
import { type Role, type RouteDeps, roles } from './deps.ts'
import * as schemas from './schemas.ts'

const statuses = ['active', 'disabled'] as const
const yearMs = 365 * 24 * 3_600_000

/** The key routes. They stand behind the guard of `/admin/v1`. */
export function keyRoutes(keys: ApiKeys<Role>, deps: RouteDeps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .post('/admin/v1/keys', create(keys, deps))
    .get('/admin/v1/keys', list(keys))
    .post('/admin/v1/keys/:key_id/status', setStatus(keys, deps))
    .post('/admin/v1/keys/:key_id/rotate', rotate(keys, deps))
}

function create(keys: ApiKeys<Role>, { replay, body, caller }: RouteDeps): Handler<AppEnv> {
  return async (c) => {
    replay(c)
    const wanted = newKey(await body(c, schemas.createKey))
    const { record, secret } = await keys.create({ ...wanted, createdBy: caller(c).keyId }).catch(translate)
    const { id: key_id, createdAt: created_at, expiresAt: expires_at } = record
    return ok(c, { key_id, key_secret: secret, created_at, expires_at, ...lifetimeWarning(record) }, 201)
  }
}

function list(keys: ApiKeys<Role>): Handler<AppEnv> {
  return async (c) => {
    const page = queryInteger(c, 'page', 1, 1, Math.floor(Number.MAX_SAFE_INTEGER / 100))
    const size = queryInteger(c, 'size', 20, 1, 100)
    const [role, status] = [queryParam(c, 'role'), queryParam(c, 'status')]
    const { items, total } = await keys.list({
      ...{ page, size },
      role: role === undefined ? undefined : oneOf(role, 'role', roles),
      status: status === undefined ? undefined : oneOf(status, 'status', statuses),
    })
    return ok(c, { items: items.map(keyJson), pagination: { page, size, total }, total_items: total })
  }
}

function setStatus(keys: ApiKeys<Role>, { replay, body }: RouteDeps): Handler<AppEnv> {
  return async (c) => {
    replay(c)
    const wanted = required((await body(c, schemas.keyStatus)).status, 'status')
    const id = keyIdOf(c)
    const { status, role } = await keys.setStatus(id, oneOf(wanted, 'status', statuses)).catch(translate)
    const last = status === 'disabled' && role === 'admin' && !(await hasAdmin(keys))
    const warning = last ? { warning: 'No admin key can be used any more' } : {}
    return ok(c, { key_id: id, status, updated_at: Date.now(), ...warning })
  }
}

function rotate(keys: ApiKeys<Role>, { replay, body }: RouteDeps): Handler<AppEnv> {
  return async (c) => {
    replay(c)
    await body(c, schemas.nothing)
    const id = keyIdOf(c)
    const { secret, oldSecretValidUntil } = await keys.rotate(id).catch(translate)
    return ok(c, { key_id: id, new_key_secret: secret, old_secret_valid_until: oldSecretValidUntil })
  }
}

function newKey(input: BodyOf<typeof schemas.createKey>) {
  const role = oneOf(required(input.role, 'role'), 'role', roles)
  const { description = '', allowedlist: allowList = [], rate_limit: rate = 1000, expires_at: expires = 0 } = input
  if (isLonger(description, 256)) throw badArgument('description is above its limit of 256 characters')
  if (allowList.length > 100) throw badArgument('allowedlist is above its limit of 100 entries')
  checkAllowList(allowList)
  const rateLimit = integer(rate, 'rate_limit', { min: 1, max: 1_000_000 })
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

/** Whether there is an admin key left that opens something. */
async function hasAdmin(keys: ApiKeys<Role>): Promise<boolean> {
  const { items } = await keys.list({ page: 1, size: 100, role: 'admin', status: 'active' })
  return items.some(({ expiresAt }) => expiresAt === 0 || expiresAt > Date.now())
}

function keyJson(key: KeyInfo): object {
  return {
    key_id: key.id,
    role: key.role,
    description: key.description,
    allowedlist: key.allowList,
    rate_limit: key.rateLimit,
    expires_at: key.expiresAt,
    grace_period_end: key.gracePeriodEnd,
    status: key.status,
    created_at: key.createdAt,
    created_by: key.createdBy,
    last_used_at: key.lastUsedAt,
  }
}

/** The contract's code for what key management rejects with. */
function translate(error: unknown): never {
  if (!(error instanceof ApiKeyError)) throw error
  switch (error.code) {
    case 'KEY_INVALID':
      throw badArgument(error.message)
    case 'KEY_NOT_FOUND':
      throw new TokMeshError('TM-ADMIN-4041', 'There is no such key')
    case 'KEY_EXPIRED':
      throw new TokMeshError('TM-ARG-1003', 'The key has expired')
    case 'KEY_STORE_TIMEOUT':
      throw new TokMeshError('TM-SYS-5030', 'The database cannot be reached', { cause: error })
    default:
      throw new TokMeshError('TM-ADMIN-5001', 'The key could not be changed', { cause: error })
  }
}
