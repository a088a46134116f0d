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
