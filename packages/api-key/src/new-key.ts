import { parseAllowList } from './allow-list.ts'
import { ApiKeyError } from './errors.ts'
import type { KeyInfo, KeyRecord } from './store.ts'

/** What a new key shall be. */
export interface NewKey<Role extends string = string> {
  readonly role: Role
  /** Default: `''`. */
  readonly description?: string
  /** IPs and CIDRs that the key may be used from. Default: anywhere. A bad entry is `KEY_INVALID` and named. */
  readonly allowList?: readonly string[]
  /** Requests per second on each node, 1 … 1,000,000. Default: 1000. */
  readonly rateLimit?: number
  /** Unix ms, 0 for never. A past time is accepted. Default: 0. */
  readonly expiresAt?: number
  /** Id of the key that creates this one. Default: `system`. */
  readonly createdBy?: string
}

const maxRateLimit = 1_000_000

/** The record of a new key, checked. Throws `KEY_INVALID`, with a sentence that names the field. */
export function newRecord<Role extends string>(
  id: string,
  secretHash: string,
  key: NewKey<Role>,
  roles: readonly Role[],
  now: number,
): KeyRecord {
  const { role, description = '', allowList = [], rateLimit = 1000, expiresAt = 0, createdBy = 'system' } = key
  if (!roles.includes(role)) throw invalid(`role: must be one of ${roles.join(', ')}`)
  if (!Number.isInteger(rateLimit) || rateLimit < 1 || rateLimit > maxRateLimit) {
    throw invalid(`rateLimit: ${rateLimit} is not an integer of 1 … ${maxRateLimit} requests per second`)
  }
  if (!Number.isSafeInteger(expiresAt) || expiresAt < 0) throw invalid(`expiresAt: ${expiresAt} is no time in Unix ms`)
  try {
    parseAllowList(allowList)
  } catch (error) {
    throw invalid((error as Error).message)
  }
  const never = { gracePeriodEnd: 0, oldSecretHash: '', lastUsedAt: 0 }
  const fresh = { status: 'active', createdAt: now, createdBy, version: 1 } as const
  return { id, role, description, allowList: [...allowList], rateLimit, expiresAt, secretHash, ...never, ...fresh }
}

/** The record without its hashes. */
export function keyInfo({ secretHash: _hash, oldSecretHash: _oldHash, ...info }: KeyRecord): KeyInfo {
  return info
}

function invalid(message: string): ApiKeyError {
  return new ApiKeyError('KEY_INVALID', message)
}
