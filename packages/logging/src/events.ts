import { createHash } from 'node:crypto'
import type { LogFields } from './fields.ts'
import type { LogLevel } from './level.ts'
import type { Logger } from './logger.ts'

/** What every event can be told. */
export interface EventOptions {
  /** Further fields. They are written as they are, but for secrets: don't put texts of users here. */
  readonly fields?: LogFields
}

/** A statement that was run. */
export interface SqlQueryEvent extends EventOptions {
  /** The statement. Its hash and its length are logged, never itself. */
  readonly query: string
  readonly durationMs: number
  /** E.g. `select`. */
  readonly queryType?: string
  /** Default: `success`. Another makes the line a warning. */
  readonly status?: 'success' | 'error' | 'timeout' | 'rejected'
  /** Rows returned or affected. */
  readonly rows?: number
}

/** A call of a model. */
export interface AiInferenceEvent extends EventOptions {
  readonly model: string
  readonly provider?: string
  /** What was asked. Its length is logged, never itself. */
  readonly prompt: string
  readonly durationMs: number
  readonly promptTokens?: number
  readonly completionTokens?: number
  /** Default: `success`. Another makes the line a warning. */
  readonly status?: 'success' | 'error' | 'timeout'
}

/** What somebody did. */
export interface UserActionEvent extends EventOptions {
  /** A constant, e.g. `query_saved`. */
  readonly action: string
  /** Who did it. Its hash is logged, never itself. */
  readonly userId?: string
  /** What kind of thing it was done to, e.g. `dashboard`: not which. */
  readonly resource?: string
  /** Default: `success`. */
  readonly result?: 'success' | 'failure'
}

/** Something that whoever guards the service wants to know. */
export interface SecurityEvent extends EventOptions {
  /** A constant, e.g. `sql_injection_attempt`. */
  readonly type: string
  /** `low` is logged at info, `medium` at warn, `high` and `critical` at error. */
  readonly severity: 'low' | 'medium' | 'high' | 'critical'
  /** Whom it is about. Its hash is logged, never itself. */
  readonly userId?: string
}

/**
 * Returns the first 8 bytes of the SHA-256 of `text` as 16 hex digits: enough to tell texts apart and to find the same
 * one again. Whoever can guess a text can prove it: it hides no short number.
 */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Writes a line of a statement: `query_hash`, `query_length` in characters, `duration_ms`, and what else was told. */
export function logSqlQuery(logger: Logger, event: SqlQueryEvent): void {
  const { status = 'success' } = event
  write(logger, status === 'success' ? 'info' : 'warn', 'sql query', event, () => ({
    event: 'sql_query',
    query_type: event.queryType,
    status,
    query_hash: hashText(event.query),
    query_length: event.query.length,
    rows: event.rows,
    duration_ms: event.durationMs,
  }))
}

/** Writes a line of a model's call: `model`, `prompt_length` in characters, tokens, `duration_ms`. */
export function logAiInference(logger: Logger, event: AiInferenceEvent): void {
  const { status = 'success' } = event
  write(logger, status === 'success' ? 'info' : 'warn', 'ai inference', event, () => ({
    event: 'ai_inference',
    model: event.model,
    provider: event.provider,
    status,
    prompt_length: event.prompt.length,
    prompt_tokens: event.promptTokens,
    completion_tokens: event.completionTokens,
    duration_ms: event.durationMs,
  }))
}

/** Writes a line of an action: `action`, `user_hash`, `resource`, `result`. */
export function logUserAction(logger: Logger, event: UserActionEvent): void {
  const { result = 'success', userId } = event
  write(logger, 'info', 'user action', event, () => ({
    event: 'user_action',
    action: event.action,
    user_hash: userId === undefined ? undefined : hashText(userId),
    resource: event.resource,
    result,
  }))
}

/** Writes a line of a security event, at a level by its severity: `type`, `severity`, `user_hash`. */
export function logSecurityEvent(logger: Logger, event: SecurityEvent): void {
  const { type, severity, userId } = event
  write(logger, levels[severity] ?? 'error', 'security event', event, () => ({
    event: 'security_event',
    type,
    severity,
    user_hash: userId === undefined ? undefined : hashText(userId),
  }))
}

const levels: Readonly<Record<SecurityEvent['severity'], LogLevel>> = {
  low: 'info',
  medium: 'warn',
  high: 'error',
  critical: 'error',
}

/** The one guard of this file: an event that isn't what its type says costs its fields, not its line or its caller. */
function write(logger: Logger, level: LogLevel, message: string, event: EventOptions, told: () => LogFields): void {
  if (!logger.isLevelEnabled(level)) return
  try {
    logger.log(level, message, { ...told(), ...event.fields })
  } catch {
    logger.log(level, message)
  }
}
