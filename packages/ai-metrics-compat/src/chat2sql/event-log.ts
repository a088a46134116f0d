import {
  type AiInferenceEvent,
  aiInferenceLine,
  type EventLine,
  type SecurityEvent,
  type SqlQueryEvent,
  securityEventLine,
  sqlQueryLine,
  type UserActionEvent,
  userActionLine,
} from '@honoscope/core/events'

/** What is asked of a logger: pino, winston, `console` and Honoscope's own have it. */
export interface EventLogger {
  info(first: unknown, second?: unknown): void
  warn(first: unknown, second?: unknown): void
  error(first: unknown, second?: unknown): void
}

/** Options of {@link createEventLog}. */
export interface EventLogOptions {
  /**
   * Whether the logger takes the fields before the message, as pino and bunyan do: `info({ … }, 'text')`.
   * Default: true for a logger with a method `bindings` (pino's), false for all others.
   */
  readonly fieldsFirst?: boolean
}

/** Writes the four events. No line holds the text of a query or prompt, or who a user is. Nothing here throws. */
export interface EventLog {
  /** `sql query`, with `query_hash`, `query_length` and `duration_ms`. A warning unless it was a success. */
  sqlQuery(event: SqlQueryEvent): void
  /** `ai inference`, with `model`, `prompt_length`, tokens and `duration_ms`. A warning unless it was a success. */
  aiInference(event: AiInferenceEvent): void
  /** `user action`, with `action`, `user_hash`, `resource` and `result`. */
  userAction(event: UserActionEvent): void
  /** `security event`, with `type`, `severity` and `user_hash`, at a level by its severity. */
  securityEvent(event: SecurityEvent): void
}

/**
 * Returns what writes the events to `logger`.
 *
 * @throws TypeError when `logger` has no `info`, `warn` and `error`.
 * @example
 * ```ts
 * import { createEventLog } from '@honoscope/ai-metrics-compat/chat2sql'
 *
 * const events = createEventLog(console)
 * events.sqlQuery({ query: 'select 1', durationMs: 3.2, queryType: 'select', rows: 1 })
 * ```
 */
export function createEventLog(logger: EventLogger, options: EventLogOptions = {}): EventLog {
  for (const level of ['info', 'warn', 'error'] as const) {
    if (typeof logger?.[level] !== 'function') throw new TypeError(`createEventLog: logger must have ${level}()`)
  }
  const { fieldsFirst = 'bindings' in logger } = options
  const write = (line: () => EventLine): void => {
    try {
      const { level, message, fields } = line()
      const told = withoutUndefined(fields())
      if (fieldsFirst) logger[level](told, message)
      else logger[level](message, told)
    } catch {
      // A line that can't be written is no reason for the caller to fail.
    }
  }
  return {
    sqlQuery: (event) => write(() => sqlQueryLine(event)),
    aiInference: (event) => write(() => aiInferenceLine(event)),
    userAction: (event) => write(() => userActionLine(event)),
    securityEvent: (event) => write(() => securityEventLine(event)),
  }
}

function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
