import { LRUCache } from 'lru-cache'
import type { Credential } from './credential.ts'
import type { busy, Gate } from './gate.ts'
import { equal, type Hasher, webDigest } from './hasher.ts'
import type { KeyRecord } from './store.ts'

/**
 * Which secrets were proven against which hash. A proof is bound to the hash, not to the key: after a rotation,
 * by this node or another, it counts only while the record still holds that hash, as its current one or as the
 * old one inside the grace. So no entry has to be found and removed when a key changes.
 */
export interface Proofs {
  /** SHA-256 of key id and secret. The cache holds neither in clear. */
  digest(credential: Credential): Promise<string>
  /** Whether this credential was proven against a hash that the record has now. `everOld` ignores the TTL. */
  has(digest: string, record: KeyRecord, everOld?: boolean): boolean
  /** Runs Argon2id when its turn comes. The hash that the secret belongs to, `undefined` when there is none. */
  prove(
    digest: string,
    credential: Credential,
    record: KeyRecord,
    ip: string,
  ): Promise<string | undefined | typeof busy>
}

/** @see Proofs */
export interface ProofsOptions {
  readonly hasher: Promise<Hasher>
  readonly gate: Gate
  readonly capacity: number
  readonly ttlMs: number
  readonly clock: () => number
  readonly monotonic: () => number
  readonly onHashed: (seconds: number) => void
}

interface Proof {
  readonly hash: string
  readonly provenAt: number
}

/** Whether a secret of `hash` opens the record at this time. */
export function opens(hash: string, record: KeyRecord, now: number): boolean {
  return equal(hash, record.secretHash) || (inGrace(record, now) && equal(hash, record.oldSecretHash))
}

function inGrace(record: KeyRecord, now: number): boolean {
  return record.oldSecretHash !== '' && now < record.gracePeriodEnd
}

function timedVerify({ hasher, monotonic, onHashed }: ProofsOptions): Hasher['verify'] {
  return async (hash, secret) => {
    const native = await hasher
    const startedAt = monotonic()
    try {
      return await native.verify(hash, secret)
    } finally {
      onHashed((monotonic() - startedAt) / 1000)
    }
  }
}

/** @see Proofs */
export function createProofs(options: ProofsOptions): Proofs {
  const { hasher, gate, capacity, ttlMs, clock, monotonic } = options
  // Entries past their TTL stay until they are pushed out: they still vouch when the store can't be reached, and
  // they show that a credential is no stranger's. Wrong secrets are never entered.
  const proofs = new LRUCache<string, Proof>({ max: capacity })
  const running = new Map<string, Promise<string | undefined | typeof busy>>()

  const verify = timedVerify(options)
  const search = async (digest: string, { secret }: Credential, record: KeyRecord): Promise<string | undefined> => {
    let hash: string | undefined
    if (await verify(record.secretHash, secret)) hash = record.secretHash
    else if (inGrace(record, clock()) && (await verify(record.oldSecretHash, secret))) hash = record.oldSecretHash
    if (hash !== undefined) proofs.set(digest, { hash, provenAt: monotonic() })
    return hash
  }
  return {
    digest: async ({ id, secret }) => {
      const native = await hasher
      return native.digest?.(`${id}:${secret}`) ?? webDigest(`${id}:${secret}`)
    },
    has: (digest, record, everOld = false) => {
      const proof = proofs.get(digest)
      if (!proof || !opens(proof.hash, record, clock())) return false
      return everOld || monotonic() - proof.provenAt < ttlMs
    },
    prove: (digest, credential, record, ip) => {
      // Many requests with one credential wait for one Argon2id, as long as it runs against the same hashes.
      const name = `${digest}${record.secretHash}${record.oldSecretHash}`
      const joined = running.get(name)
      if (joined) return joined
      const job = (): Promise<string | undefined> => search(digest, credential, record)
      const proof = (proofs.has(digest) ? gate.runFirst(job) : gate.run([record.id, ip], job)).finally(() =>
        running.delete(name),
      )
      running.set(name, proof)
      return proof
    },
  }
}
