import type { SessionPage, SessionSearch } from './search.ts'

/** A session as it is stored: the 17 fields of the contract's section 2, and when it was revoked. Times are Unix ms. */
export interface SessionRecord {
  readonly id: string
  readonly userId: string
  readonly tokenHash: string
  readonly ipAddress: string
  readonly userAgent: string
  readonly lastAccessIp: string
  readonly lastAccessUa: string
  readonly deviceId: string
  readonly createdBy: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly lastActive: number
  readonly data: Readonly<Record<string, string>>
  readonly version: number
  readonly shardId: number
  /** Seconds, as asked for at create or renew; a cache hint. */
  readonly ttl: number
  /** Tombstone flag: set by revoke and by the sweep of expired sessions. */
  readonly isDeleted: boolean
  /** 0 when it was never revoked. */
  readonly revokedAt: number
}

/** Who calls, for the fields that the server sets. */
export interface Caller {
  /** Public id of the API key, `tmak-…`. */
  readonly keyId: string
  /** Canonical IP text of the client, by the trusted-proxy rules. */
  readonly ip: string
  /** The request's `User-Agent`, uncut; the domain truncates. */
  readonly userAgent: string
}

/** Limits of the session rules; defaults in the contract's section 11.2. */
export interface SessionLimits {
  /** Seconds. */
  readonly ttlDefault: number
  /** Seconds. */
  readonly ttlMax: number
  readonly maxPerUser: number
  /** Milliseconds. */
  readonly tombstoneTtlMs: number
}

export interface CreateInput {
  readonly userId: string
  readonly deviceId?: string | undefined
  readonly ttlSeconds?: number | undefined
  readonly data?: Readonly<Record<string, string>> | undefined
  readonly token?: string | undefined
}

/** How a revoke is done. */
export interface RevokeOptions<Done> {
  /** Wait until a majority of the nodes knows. Default: false. */
  readonly sync?: boolean | undefined
  /** Hears of what was revoked, when it is committed and before it is waited for. It must not throw. */
  readonly onCommitted?: ((done: Done) => void) | undefined
}

/** The verdict on a token that opens a session. */
export interface Validation {
  readonly session: SessionRecord
  /** Monotonic milliseconds: it was so then. Whoever answers with it later has to see that this is not too long ago. */
  readonly asOf: number
}

/**
 * The session rules: contract sections 4.1 to 4.8 and 7, without HTTP. Every method rejects with a
 * `TokMeshError` (see `errors.ts`) whose code is in the contract; ids come in lower case and well-formed.
 */
export interface Sessions {
  create(input: CreateInput, caller: Caller): Promise<{ readonly session: SessionRecord; readonly token: string }>
  get(id: string): Promise<SessionRecord>
  touch(id: string): Promise<SessionRecord>
  renew(id: string, ttlSeconds: number): Promise<SessionRecord>
  /**
   * The record that this call revoked; `undefined` where there was nothing left to revoke. Never rejects with 4040.
   * With `sync`, `TM-SYS-5030` with `details.committed` says that it is revoked and that not enough nodes confirmed.
   */
  revoke(id: string, options?: RevokeOptions<SessionRecord>): Promise<SessionRecord | undefined>
  /** How many active sessions were revoked. `sync` is as above, and `details` have the `revoked_count` too. */
  revokeAllOf(userId: string, options?: RevokeOptions<number>): Promise<number>
  /** Sessions as they stand in the database, and how many match. */
  search(query: SessionSearch): Promise<SessionPage>
  /** The session that the token opens. With `touch` given, the session after the touch. */
  validate(token: string, touch?: Caller | undefined): Promise<Validation>
}
