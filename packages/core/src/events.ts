/**
 * The four log events that say what was asked and done without its text: hashes and lengths. What fields a line has is
 * settled here; whoever has a logger writes it.
 *
 * An entry point of its own, since it needs `node:crypto`.
 *
 * @module
 */
import { createHash } from 'node:crypto'

/** What every event can be told. */
export interface EventOptions {
  /** Further fields. They are written as they are: don't put texts of users here. */
  readonly fields?: Readonly<Record<string, unknown>>
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

/** An event, ready for any logger. */
export interface EventLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  /** Returns the fields; those that were not told are `undefined`. Throws when the event is not what its type says. */
  fields(): Record<string, unknown>
}

/**
 * Returns the first 8 bytes of the SHA-256 of `text` as 16 hex digits: enough to tell texts apart and to find the same
 * one again. Whoever can guess a text can prove it: it hides no short number.
 */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Returns the line of a statement: `query_hash`, `query_length` in characters, `duration_ms`, and what else was told. */
export function sqlQueryLine(event: SqlQueryEvent): EventLine {
  const { status = 'success' } = event
  return line(status === 'success' ? 'info' : 'warn', 'sql query', event, () => ({
    event: 'sql_query',
    query_type: event.queryType,
    status,
    query_hash: hashText(event.query),
    query_length: event.query.length,
    rows: event.rows,
    duration_ms: event.durationMs,
  }))
}

/** Returns the line of a model's call: `model`, `prompt_length` in characters, tokens, `duration_ms`. */
export function aiInferenceLine(event: AiInferenceEvent): EventLine {
  const { status = 'success' } = event
  return line(status === 'success' ? 'info' : 'warn', 'ai inference', event, () => ({
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

/** Returns the line of an action: `action`, `user_hash`, `resource`, `result`. */
export function userActionLine(event: UserActionEvent): EventLine {
  const { result = 'success', userId } = event
  return line('info', 'user action', event, () => ({
    event: 'user_action',
    action: event.action,
    user_hash: userId === undefined ? undefined : hashText(userId),
    resource: event.resource,
    result,
  }))
}

/** Returns the line of a security event, at a level by its severity: `type`, `severity`, `user_hash`. */
export function securityEventLine(event: SecurityEvent): EventLine {
  const { type, severity, userId } = event
  return line(levels[severity] ?? 'error', 'security event', event, () => ({
    event: 'security_event',
    type,
    severity,
    user_hash: userId === undefined ? undefined : hashText(userId),
  }))
}

const levels: Readonly<Record<SecurityEvent['severity'], EventLine['level']>> = {
  low: 'info',
  medium: 'warn',
  high: 'error',
  critical: 'error',
}

function line(
  level: EventLine['level'],
  message: string,
  event: EventOptions,
  told: () => Record<string, unknown>,
): EventLine {
  return { level, message, fields: () => ({ ...told(), ...event.fields }) }
}
