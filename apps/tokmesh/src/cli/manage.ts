import { type ApiKeys, createApiKeys, type KeyInfo } from '@honoscope/api-key'
import { systemEntry } from '../audit/entry.ts'
import type { AuditAction, AuditDetails } from '../domain/audit.ts'
import { type Role, roles } from '../routes/deps.ts'
import { createAuditStore } from '../store/audit.ts'
import { createKeyStore } from '../store/keys.ts'
import { migrate } from '../store/migrate.ts'
import type { Call } from './perform.ts'
import { withProgress } from './progress.ts'

/** Does `work` with the keys of the database, whose schema is brought up to date first. */
export async function manageKeys<T>({ config, database }: Call, work: (keys: ApiKeys<Role>) => Promise<T>): Promise<T> {
  await withProgress('bringing the schema up to date', () => migrate(database))
  const argon2 = {
    memoryKiB: config.argon2MemoryKib,
    iterations: config.argon2Iterations,
    parallelism: config.argon2Parallelism,
  }
  const { rotationGraceMs } = config
  const keys = createApiKeys({ store: createKeyStore(database), roles, argon2, rotationGraceMs })
  try {
    return await work(keys)
  } finally {
    await keys.close()
  }
}

/**
 * Writes the audit entry of what was done, under the operator `system`. It never fails what is done already: the
 * notes say so where it could not be written.
 */
export async function audited(
  { database }: Call,
  action: AuditAction,
  keyId: string,
  details: AuditDetails = {},
): Promise<readonly string[]> {
  try {
    await createAuditStore(database).append([systemEntry(action, `key:${keyId}`, details)])
    return []
  } catch {
    return [`done, but the audit entry ${action} could not be written`]
  }
}

/** The key as `GET /admin/v1/keys` shows it. */
export function keyJson(key: KeyInfo): object {
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

/** Every key that matches, newest first. */
export async function allKeys(
  keys: ApiKeys<Role>,
  query: { readonly role?: Role | undefined; readonly status?: KeyInfo['status'] | undefined },
): Promise<readonly KeyInfo[]> {
  const found: KeyInfo[] = []
  for (let page = 1; ; page++) {
    const { items } = await keys.list({ page, size: 100, ...query })
    found.push(...items)
    if (items.length < 100) return found
  }
}

/** Unix ms for people; 0 is `never`. */
export function showTime(ms: number): string {
  return ms === 0 ? 'never' : new Date(ms).toISOString().slice(0, 19).concat('Z')
}
