import type { AllowList } from './allow-list.ts'
import type { Buckets } from './buckets.ts'
import type { ClientAddress } from './client-ip.ts'
import type { Credential } from './credential.ts'
import type { Denial, Verdict, VerifiedKey } from './denial.ts'
import { busy } from './gate.ts'
import { opens, type Proofs } from './proofs.ts'
import type { Entry, Records } from './records.ts'
import type { KeyRecord } from './store.ts'

/** What the steps work with. */
export interface Pipeline<Role extends string> {
  readonly roles: readonly Role[]
  readonly allowed: AllowList
  readonly records: Records
  readonly proofs: Proofs
  readonly buckets: Buckets
  readonly clock: () => number
  readonly onCache: (outcome: 'hit' | 'miss') => void
}

/** How often a key may change under a verification before it is given up. */
const maxChanges = 3

/** A queue of 64 is worked off in about this time on two cores. */
const busyRetryMs = 1000

/**
 * The steps from the key's existence to its secret, in this order: exists, status, expiry, address (global list,
 * then the key's), secret. All but the Argon2id run every time, and again after an Argon2id, which may have waited
 * for seconds while somebody disabled the key.
 *
 * No dummy Argon2id is run for an unknown id: ids are public, so the time it takes to refuse one gives nothing away.
 */
export async function verifyKey<Role extends string>(
  pipeline: Pipeline<Role>,
  credential: Credential,
  address: ClientAddress,
  staleOnStoreError: boolean,
): Promise<Verdict<Role>> {
  const { records, proofs, clock } = pipeline
  const keyId = credential.id
  try {
    const digest = await proofs.digest(credential)
    let proven: string | undefined
    for (let change = 0; change < maxChanges; change++) {
      const entry = await records.get(keyId)
      const refused = entry ? admit(pipeline, entry, address) : ({ reason: 'unknown', keyId } as const)
      if (refused || !entry) return denied(refused ?? { reason: 'unknown', keyId })
      const { record } = entry
      if (proven !== undefined && opens(proven, record, clock())) return accepted(pipeline, record, address, false)
      const known = proofs.has(digest, record)
      if (change === 0) pipeline.onCache(known ? 'hit' : 'miss')
      if (known) return accepted(pipeline, record, address, false)
      const proof = await proofs.prove(digest, credential, record, address.client)
      if (proof === busy) return denied({ reason: 'busy', keyId, retryAfterMs: busyRetryMs })
      if (proof === undefined) return denied({ reason: 'secret', keyId })
      proven = proof
    }
    return denied({ reason: 'secret', keyId })
  } catch (cause) {
    const stale = staleOnStoreError ? await verifyFromMemory(pipeline, credential, address) : undefined
    return stale ?? denied({ reason: 'store', keyId, cause })
  }
}

/** The verdict by what this node knew last; `undefined` when it never let this credential in. */
async function verifyFromMemory<Role extends string>(
  pipeline: Pipeline<Role>,
  credential: Credential,
  address: ClientAddress,
): Promise<Verdict<Role> | undefined> {
  const entry = pipeline.records.last(credential.id)
  if (!entry) return undefined
  const refused = admit(pipeline, entry, address)
  if (refused) return denied(refused)
  const digest = await pipeline.proofs.digest(credential)
  return pipeline.proofs.has(digest, entry.record, true) ? accepted(pipeline, entry.record, address, true) : undefined
}

function admit(
  { allowed, clock }: { readonly allowed: AllowList; readonly clock: () => number },
  entry: Entry,
  { client: ip }: ClientAddress,
): Denial | undefined {
  const { id: keyId, status, expiresAt } = entry.record
  if (status !== 'active') return { reason: 'disabled', keyId }
  if (expiresAt !== 0 && expiresAt <= clock()) return { reason: 'expired', keyId, expiresAt }
  if (!allowed.allows(ip)) return { reason: 'ip', keyId, ip, list: 'global' }
  if (!entry.allowed.allows(ip)) return { reason: 'ip', keyId, ip, list: 'key' }
  return undefined
}

function accepted<Role extends string>(
  { roles }: { readonly roles: readonly Role[] },
  record: KeyRecord,
  { client: ip, peer }: ClientAddress,
  stale: boolean,
): Verdict<Role> {
  const { id, rateLimit, expiresAt } = record
  const role = roles.find((name) => name === record.role)
  // A role that this app no longer has: the key is right, but nothing is open to it.
  if (role === undefined) return denied({ reason: 'role', keyId: id, role: record.role, requiredRoles: roles })
  return { ok: true, key: { id, role, ip, peer, rateLimit, expiresAt, stale } }
}

/** The steps after the secret: role, then a token of the key's rate. */
export function authorizeKey<Role extends string>(
  { buckets, clock }: Pipeline<Role>,
  key: VerifiedKey<Role>,
  requiredRoles: readonly Role[],
  chargeRate: boolean,
): Denial | undefined {
  if (!requiredRoles.includes(key.role)) return { reason: 'role', keyId: key.id, role: key.role, requiredRoles }
  const retryAfterMs = chargeRate ? buckets.take(key.id, key.rateLimit) : 0
  if (retryAfterMs === 0) return undefined
  return { reason: 'rate', keyId: key.id, limit: key.rateLimit, retryAfterMs, resetAt: clock() + retryAfterMs }
}

/** A verdict against the request. */
export function denied(denial: Denial): { readonly ok: false; readonly denial: Denial } {
  return { ok: false, denial }
}
