/** Whether a key may be used. Expiry is not a status: it follows from `expiresAt`. */
export type KeyStatus = 'active' | 'disabled'

/** A key as a store keeps it. Times are Unix milliseconds. */
export interface KeyRecord {
  /** Lower case; unique. */
  readonly id: string
  /** One of the names given to `createApiKeys({ roles })`; a store takes any. */
  readonly role: string
  /** Free text of the operator's, `''` when none was given. */
  readonly description: string
  /** IPs and CIDRs that the key may be used from; empty: anywhere. In the operator's order. */
  readonly allowList: readonly string[]
  /** Requests per second on each node. */
  readonly rateLimit: number
  /** 0: never. */
  readonly expiresAt: number
  readonly status: KeyStatus
  /** PHC string of the current secret. */
  readonly secretHash: string
  /** PHC string of the secret before the last rotation, `''` when there is none. It counts until `gracePeriodEnd`. */
  readonly oldSecretHash: string
  /** 0: no old secret. */
  readonly gracePeriodEnd: number
  readonly createdAt: number
  /** Id of the key that created this one, or a name such as `system`. */
  readonly createdBy: string
  /** 0: never used. Written late, see {@link KeyStore.markUsed}. */
  readonly lastUsedAt: number
  /** 1 at first, one more with each {@link KeyStore.update}. */
  readonly version: number
}

/** A key without its hashes: what may be shown to an operator. */
export type KeyInfo = Omit<KeyRecord, 'secretHash' | 'oldSecretHash'>

/** What an update may change. Absent fields stay as they are. */
export type KeyChanges = Partial<
  Pick<KeyRecord, 'status' | 'secretHash' | 'oldSecretHash' | 'gracePeriodEnd' | 'description' | 'allowList'>
>

/** A page of keys. */
export interface KeyQuery {
  /** From 1. */
  readonly page: number
  /** Keys on a page, at least 1. */
  readonly size: number
  /** Only keys of this role. */
  readonly role?: string | undefined
  /** Only keys of this status; an expired key keeps the status it had. */
  readonly status?: KeyStatus | undefined
}

/** When a key was last used, in Unix milliseconds. */
export interface KeyUse {
  readonly id: string
  readonly at: number
}

/**
 * Where keys are kept: a table, a file, memory. Records go in and come out by value.
 *
 * Every method may reject when the store fails; the rejection is handed to the app as the `cause` of a denial,
 * so it must not carry a parameter value (drivers like to put the statement's into their messages).
 * `keyStoreContract` of the repository's `@honoscope/testing` is the suite that an implementation must pass.
 */
export interface KeyStore {
  /** The record with this id, `undefined` when there is none. */
  get(id: string): Promise<KeyRecord | undefined>
  /** Keeps a new record. False, and nothing kept, when its id is taken. */
  insert(record: KeyRecord): Promise<boolean>
  /**
   * Keeps these records if the store holds no key at all, in one atomic step: of several nodes that try at
   * once exactly one gets true, and the others change nothing.
   */
  insertFirst(records: readonly KeyRecord[]): Promise<boolean>
  /**
   * Applies `changes` and adds 1 to `version` if it still is `expectedVersion`, in one atomic step.
   * The record afterwards; `undefined`, and nothing changed, when the version is another or the key unknown.
   */
  update(id: string, expectedVersion: number, changes: KeyChanges): Promise<KeyRecord | undefined>
  /** One page, newest `createdAt` first, ties by `id` descending, and the number of all matches. */
  list(query: KeyQuery): Promise<{ readonly items: readonly KeyRecord[]; readonly total: number }>
  /** Number of keys, whatever their status. */
  count(): Promise<number>
  /**
   * Raises `lastUsedAt` of each key to `at`; never lowers it, ignores unknown ids, leaves `version` alone,
   * so that it can't make another writer's update fail.
   */
  markUsed(uses: readonly KeyUse[]): Promise<void>
}
