/** Audit entries: the contract's section 9.2. */

/** What an entry can tell of. */
export const auditActions = [
  'SESSION_CREATED',
  'SESSION_RENEWED',
  'SESSION_REVOKED',
  'USER_SESSIONS_REVOKED',
  'KEY_CREATED',
  'KEY_ENABLED',
  'KEY_DISABLED',
  'KEY_ROTATED',
  'GC_TRIGGERED',
  'AUTH_FAILED',
] as const
export type AuditAction = (typeof auditActions)[number]

/** More about a call, as an entry keeps it. Never a token, a secret, a hash, or a session's `data`. */
export type AuditDetails = Readonly<Record<string, unknown>>

/** One line of the audit log. Texts are storable and hold no secret. */
export interface AuditEntry {
  /** `audit-` and a ULID. */
  readonly id: string
  /** Unix ms. */
  readonly timestamp: number
  /** Id of the calling key, the presented one for `AUTH_FAILED`, `system` for bootstrap and CLI. */
  readonly operatorId: string
  readonly action: AuditAction
  /** `session:<id>`, `user:<user_id>`, `key:<key_id>`, `gc:<type>`, `route:<method> <template>`; `''` when unknown. */
  readonly resource: string
  /** At most 512 code points. */
  readonly userAgent: string
  readonly details: AuditDetails
  readonly result: 'SUCCESS' | 'FAILURE'
  /** The TCP peer; `''` where there is none, as for `system`. */
  readonly tcpRemoteIp: string
  /** Who asked, behind trusted proxies. */
  readonly clientIp: string
}

/** What a handler leaves for the entry about its call. */
export interface AuditNote {
  /** Instead of the operation's own action. */
  readonly action?: AuditAction
  readonly resource?: string
  readonly details?: AuditDetails
}

/** Which entries are wanted. What is `undefined` restricts nothing. */
export interface AuditFilter {
  /** Unix ms, inclusive. */
  readonly from?: number | undefined
  /** Unix ms, exclusive. */
  readonly until?: number | undefined
  readonly operatorId?: string | undefined
  readonly action?: AuditAction | undefined
}

/** A filter and a page of what it finds, counted from 1. */
export interface AuditQuery extends AuditFilter {
  readonly page: number
  readonly size: number
}

/** Where entries are kept. Every method rejects with a `TokMeshError` when the database fails. */
export interface AuditStore {
  /** Keeps the entries, all or none. One that is there already, by an earlier attempt, is left as it is. */
  append(entries: readonly AuditEntry[]): Promise<void>
  /** Newest first, and how many there are in all. */
  query(query: AuditQuery): Promise<{ readonly items: readonly AuditEntry[]; readonly total: number }>
  /** Deletes at most `limit` entries older than `timestamp`, the oldest first; how many. */
  removeBefore(timestamp: number, limit: number): Promise<number>
  /** Whether a failed append says that the database will never take these entries, so that trying again is no use. */
  isRefusal(error: unknown): boolean
}
