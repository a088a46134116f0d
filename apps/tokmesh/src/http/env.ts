import type { ClientAddress, DenialReason, VerifiedKey } from '@honoscope/api-key'
import type { Context } from 'hono'
import type { AuditNote } from '../domain/audit.ts'
import type { ErrorCode } from '../domain/errors.ts'
import type { Role } from '../routes/deps.ts'

/** A request that a guard stopped although it brought a credential. */
export interface Refused {
  readonly reason: DenialReason
  /** Public id of the presented key, which may not exist. */
  readonly keyId: string
  readonly address: ClientAddress
}

/** What this service's middleware leaves in Hono's context for the handlers behind it. */
export interface Variables {
  /** Set for every request before anything else runs. */
  requestId: string
  /** Code of the error envelope that was sent, for the log. */
  errorCode: ErrorCode
  /** Public id of the session that the request was about, for the log. */
  sessionId: string
  /** Set when a guard refused the request's API key, for the log and the audit. */
  refused: Refused
  /** What the handler knows of its call that the audit entry should hold. */
  audit: AuditNote
  /** Whose request it is. Only behind a guard. */
  apiKey: VerifiedKey<Role>
}

/** Hono's environment type in this app. */
export interface AppEnv {
  Variables: Variables
}

/** A request in this app. */
export type AppContext = Context<AppEnv>
