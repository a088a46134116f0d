import { isLonger, keyLimits } from '../domain/rules.ts'
import type { Role } from '../routes/deps.ts'
import { audited, manageKeys, showTime } from './manage.ts'
import type { Call, Outcome } from './perform.ts'

/** What the key shall be. */
export interface CreateOptions {
  readonly role: Role
  readonly description: string
  readonly allowed: readonly string[]
  readonly rateLimit: number
  /** Unix ms. */
  readonly expiresAt?: number
  /** Unix ms too: the duration has been counted from now. */
  readonly expiresIn?: number
}

/** Makes a key. Its credential is in the outcome and nowhere else. */
export async function createKey(call: Call, options: CreateOptions): Promise<Outcome> {
  const { role, description, allowed: allowList, rateLimit } = options
  const expiresAt = options.expiresAt ?? options.expiresIn ?? 0
  const { description: characters, allowList: entries, rate } = keyLimits
  if (isLonger(description, characters)) throw new Error(`--description is above its limit of ${characters} characters`)
  if (allowList.length > entries) throw new Error(`--allowed is above its limit of ${entries} entries`)
  if (rateLimit < 1 || rateLimit > rate) throw new Error(`--rate-limit is outside 1 to ${rate}`)
  if (call.database.kind === 'embedded' && call.config.dataDir === 'memory://') {
    throw new Error('storage.data_dir is memory://, which keeps nothing: the key would be lost at once; set a folder')
  }
  const wanted = { role, description, allowList, rateLimit, expiresAt, createdBy: 'system' }
  const { record, secret } = await manageKeys(call, (keys) => keys.create(wanted))
  const { id: key_id, createdAt: created_at } = record
  const notes = await audited(call, 'KEY_CREATED', key_id, {
    ...{ role, description, allowedlist: allowList, rate_limit: rateLimit, expires_at: expiresAt },
  })
  const past = expiresAt !== 0 && expiresAt <= Date.now()
  return {
    text: `${key_id}:${secret}`,
    json: { key_id, key_secret: secret, role, created_at, expires_at: expiresAt },
    notes: past ? [...notes, `the key has expired already (${showTime(expiresAt)})`] : notes,
  }
}
