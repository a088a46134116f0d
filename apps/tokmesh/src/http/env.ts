import type { VerifiedKey } from '@honoscope/api-key'
import type { Context } from 'hono'
import type { AuditNote } from '../domain/audit.ts'
import type { ErrorCode } from '../domain/errors.ts'
import type { Role } from '../routes/deps.ts'

/** What this service's middleware leaves in Hono's context for the handlers behind it. */
export interface Variables {
  /** Set for every request before anything else runs. */
  requestId: string
  /** Code of the error envelope that was sent, for the log. */
  errorCode: ErrorCode
  /** Public id of the session that the request was about, for the log. */
  sessionId: string
  /** Public id of the API key that a guard refused, for the log. */
  refusedKeyId: string
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
