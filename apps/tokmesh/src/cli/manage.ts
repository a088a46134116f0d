import { ApiKeyError, type ApiKeys, createApiKeys, type KeyInfo } from '@honoscope/api-key'
import { systemEntry } from '../audit/entry.ts'
import type { AuditAction, AuditDetails } from '../domain/audit.ts'
import { TokMeshError } from '../domain/errors.ts'
import { keyIdPattern, lowerCase } from '../domain/ids.ts'
import { keyFault } from '../domain/key-faults.ts'
import { type Role, roles } from '../routes/deps.ts'
import { keysOf } from '../service/settings.ts'
import { createAuditStore } from '../store/audit.ts'
import { createKeyStore } from '../store/keys.ts'
import { migrate, noLimit } from '../store/migrate.ts'
import type { Call } from './perform.ts'
import { withProgress } from './progress.ts'

/** Does `work` with the keys of the database, whose schema is brought up to date first. */
export async function manageKeys<T>({ config, database }: Call, work: (keys: ApiKeys<Role>) => Promise<T>): Promise<T> {
  await withProgress('bringing the schema up to date', () => migrate(database, { limitMs: noLimit }))
  const keys = createApiKeys({ ...keysOf(config), store: createKeyStore(database), roles })
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

/**
 * Does what changes the key `id`. A refusal goes into the audit log too, under `action`; a database that fails does
 * not. Rejects as `change` does.
 */
export async function auditRefusal<T>(
  { database }: Call,
  action: AuditAction,
  id: string,
  change: () => Promise<T>,
): Promise<T> {
  try {
    return await change()
  } catch (error) {
    const fault = keyFault(error)
    if (!(error instanceof ApiKeyError && fault instanceof TokMeshError) || fault.code === 'TM-SYS-5030') throw error
    const keyId = lowerCase(id)
    const resource = keyIdPattern.test(keyId) ? `key:${keyId}` : ''
    const entry = systemEntry(action, resource, { code: fault.code }, 'FAILURE')
    await createAuditStore(database)
      .append([entry])
      .catch(() => {
        throw new Error(`${error.message}; the audit entry ${action} could not be written`, { cause: error })
      })
    throw error
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
