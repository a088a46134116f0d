/**
 * JSON Lines with trace ids and masked secrets, and an access log for `observe()`.
 *
 * @module
 */
export { type AccessLogOptions, accessLog } from './access-log.ts'
export type { Destination } from './destination.ts'
export { describeError, serializeError } from './error.ts'
export {
  type AiInferenceEvent,
  type EventOptions,
  hashText,
  logAiInference,
  logSecurityEvent,
  logSqlQuery,
  logUserAction,
  type SecurityEvent,
  type SqlQueryEvent,
  type UserActionEvent,
} from './events.ts'
export type { LogFields } from './fields.ts'
export { type LogLevel, logLevels } from './level.ts'
export { createLogger, type Logger, type LoggerOptions } from './logger.ts'
export type { RedactionPattern } from './patterns.ts'
export { createRedactor, type RedactOptions, type Redactor, redact } from './redact.ts'
export { type StdoutOptions, stdoutDestination } from './stdout.ts'
