import type { Credential, Credentials } from './credential.ts'
import { ApiKeyError } from './errors.ts'
import { keyInfo, type NewKey, newRecord } from './new-key.ts'
import type { KeyChanges, KeyInfo, KeyQuery, KeyRecord, KeyStatus, KeyStore } from './store.ts'

/** A credential that exists already, to be kept under a role. */
export interface ImportedKey<Role extends string = string> {
  /** `<id>:<secret>`. */
  readonly credential: string
  readonly role: Role
}

/** A key and its secret, which can't be had again. */
export interface IssuedKey {
  readonly record: KeyInfo
  readonly secret: string
}

/** A key with its new secret. */
export interface RotatedKey extends IssuedKey {
  /** Unix ms until which the old secret works too. */
  readonly oldSecretValidUntil: number
}

/**
 * Creates and changes keys. Ids may be in any case. Every method rejects as the store does, and with an
 * `ApiKeyError` of its own; `KEY_CONFLICT` when others kept changing the same key.
 */
export interface KeyManagement<Role extends string = string> {
  /** Makes a key. `KEY_INVALID` for a value out of range. */
  create(key: NewKey<Role>): Promise<IssuedKey>
  /** Keeps a credential that exists already. `KEY_CREDENTIAL` when it is malformed, `KEY_ID_TAKEN` when its id is. */
  import(credential: string, role: Role, createdBy?: string): Promise<KeyInfo>
  /** Imports all of these if there is no key at all yet; of several nodes one does it and gets true. */
  importFirst(keys: readonly ImportedKey<Role>[], createdBy?: string): Promise<boolean>
  /** A new, random `<id>:<secret>`, not kept: for `importFirst`. */
  newCredential(): string
  /**
   * Gives the key a new secret. The one before works for `rotationGraceMs` more, the one before that no longer.
   * A disabled key stays disabled. `KEY_NOT_FOUND`, `KEY_EXPIRED`.
   */
  rotate(id: string): Promise<RotatedKey>
  /** Enables or disables; doing it twice is harmless. `KEY_NOT_FOUND`. */
  setStatus(id: string, status: KeyStatus): Promise<KeyInfo>
  /** A page of keys, newest first. */
  list(query: KeyQuery): Promise<{ readonly items: readonly KeyInfo[]; readonly total: number }>
  get(id: string): Promise<KeyInfo | undefined>
}

/** @see createManagement */
export interface ManagementOptions<Role extends string> {
  readonly store: KeyStore
  readonly roles: readonly Role[]
  readonly credentials: Credentials
  readonly hash: (secret: string) => Promise<string>
  readonly ulid: () => string
  readonly clock: () => number
  readonly graceMs: number
  /** Called with each record that was written. */
  readonly written: (record: KeyRecord) => void
  /** Called when it is not known what a write has done. */
  readonly unsure: (id: string) => void
}

/** A lost race means that another writer has won, so this many in a row are no accident. */
const maxAttempts = 8

/** Builds the operator's half of `ApiKeys`. */
export function createManagement<Role extends string>(options: ManagementOptions<Role>): KeyManagement<Role> {
  const { store, credentials, ulid } = options
  const insert = async (record: KeyRecord): Promise<KeyInfo> => {
    if (!(await store.insert(record))) throw new ApiKeyError('KEY_ID_TAKEN', `there is a key ${record.id} already`)
    options.written(record)
    return keyInfo(record)
  }
  const read = ({ credential, role }: ImportedKey<Role>, createdBy: string): Promise<KeyRecord> => {
    const parsed = credentials.parse(credential)
    if (!parsed) throw new ApiKeyError('KEY_CREDENTIAL', 'the credential is not of the form <id>:<secret>')
    return issue(options, parsed, { role, createdBy })
  }
  return {
    create: async (key) => {
      const secret = credentials.newSecret()
      const record = await issue(options, { id: credentials.idPrefix + ulid(), secret }, key)
      return { record: await insert(record), secret }
    },
    import: async (credential, role, createdBy = 'system') => insert(await read({ credential, role }, createdBy)),
    importFirst: async (keys, createdBy = 'system') => {
      const records = await Promise.all(keys.map(async (key) => read(key, createdBy)))
      return records.length > 0 && store.insertFirst(records)
    },
    newCredential: () => `${credentials.idPrefix}${ulid()}:${credentials.newSecret()}`,
    rotate: (id) => rotate(options, id.toLowerCase()),
    setStatus: async (id, status) => {
      if (status !== 'active' && status !== 'disabled') throw new ApiKeyError('KEY_INVALID', 'status: no such status')
      return keyInfo(await change(options, id.toLowerCase(), (key) => (key.status === status ? {} : { status })))
    },
    list: async (query) => {
      const { items, total } = await store.list(query)
      return { items: items.map(keyInfo), total }
    },
    get: async (id) => {
      const record = await store.get(id.toLowerCase())
      return record && keyInfo(record)
    },
  }
}

/** The record of a new key, with the hash of its secret. Nothing is hashed for a key that is refused. */
async function issue<Role extends string>(
  { roles, hash, clock }: ManagementOptions<Role>,
  { id, secret }: Credential,
  key: NewKey<Role>,
): Promise<KeyRecord> {
  const record = newRecord(id, '', key, roles, clock())
  return { ...record, secretHash: await hash(secret) }
}

async function rotate<Role extends string>(options: ManagementOptions<Role>, id: string): Promise<RotatedKey> {
  const { store, credentials, hash, clock, graceMs } = options
  // Before the Argon2id: an unknown or expired key needs none.
  refuseExpired(await find(store, id), clock())
  const secret = credentials.newSecret()
  const secretHash = await hash(secret)
  let oldSecretValidUntil = 0
  const record = await change(options, id, (current) => {
    const now = clock()
    refuseExpired(current, now)
    oldSecretValidUntil = now + graceMs
    if (graceMs === 0) return { secretHash, oldSecretHash: '', gracePeriodEnd: 0 }
    return { secretHash, oldSecretHash: current.secretHash, gracePeriodEnd: oldSecretValidUntil }
  })
  return { record: keyInfo(record), secret, oldSecretValidUntil }
}

/** Reads, decides, and writes under the version that was read; again when another writer came first. */
async function change<Role extends string>(
  { store, written, unsure }: ManagementOptions<Role>,
  id: string,
  decide: (record: KeyRecord) => KeyChanges,
): Promise<KeyRecord> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const record = await find(store, id)
    const changes = decide(record)
    try {
      const updated = Object.keys(changes).length > 0 ? await store.update(id, record.version, changes) : record
      if (updated) {
        written(updated)
        return updated
      }
    } catch (error) {
      unsure(id)
      throw error
    }
  }
  throw new ApiKeyError('KEY_CONFLICT', `key ${id} was changed by others at the same time, ${maxAttempts} times over`)
}

async function find(store: KeyStore, id: string): Promise<KeyRecord> {
  const record = await store.get(id)
  if (!record) throw new ApiKeyError('KEY_NOT_FOUND', 'there is no key with this id')
  return record
}

function refuseExpired({ id, expiresAt }: KeyRecord, now: number): void {
  if (expiresAt !== 0 && expiresAt <= now) throw new ApiKeyError('KEY_EXPIRED', `key ${id} has expired`)
}
