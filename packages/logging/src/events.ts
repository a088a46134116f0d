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
import type { Logger } from './logger.ts'

export {
  type AiInferenceEvent,
  type EventOptions,
  hashText,
  type SecurityEvent,
  type SqlQueryEvent,
  type UserActionEvent,
} from '@honoscope/core/events'

/** Writes a line of a statement: `query_hash`, `query_length` in characters, `duration_ms`, and what else was told. */
export function logSqlQuery(logger: Logger, event: SqlQueryEvent): void {
  write(logger, sqlQueryLine(event))
}

/** Writes a line of a model's call: `model`, `prompt_length` in characters, tokens, `duration_ms`. */
export function logAiInference(logger: Logger, event: AiInferenceEvent): void {
  write(logger, aiInferenceLine(event))
}

/** Writes a line of an action: `action`, `user_hash`, `resource`, `result`. */
export function logUserAction(logger: Logger, event: UserActionEvent): void {
  write(logger, userActionLine(event))
}

/** Writes a line of a security event, at a level by its severity: `type`, `severity`, `user_hash`. */
export function logSecurityEvent(logger: Logger, event: SecurityEvent): void {
  write(logger, securityEventLine(event))
}

/** The one guard of this file: an event that isn't what its type says costs its fields, not its line or its caller. */
function write(logger: Logger, { level, message, fields }: EventLine): void {
  if (!logger.isLevelEnabled(level)) return
  try {
    logger.log(level, message, fields())
  } catch {
    logger.log(level, message)
  }
}
