/** The service's log: JSON Lines with the contract's field names (section 9.1). */
import { createLogger, type LogFields, type Logger, type LogLevel } from '@honoscope/logging'

/** Writes a line. `logger` is dotted, e.g. `tokmesh.session`. */
export interface Log {
  (level: LogLevel, logger: string, message: string, fields?: LogFields): void
  /** Lines below it are dropped, so that nobody has to make them. Default: none are. */
  readonly level?: LogLevel
}

/** A log whose level can be changed while it is in use. */
export interface AdjustableLog extends Log {
  readonly level: LogLevel
  setLevel(level: LogLevel): void
  /** Writes a line whatever the level: what must be on record, as a summary of a start and a loud warning. */
  readonly always: Log
}

export interface LogOptions {
  /** Lines below it are dropped, until `setLevel`. Default: `info`. */
  readonly level?: LogLevel
  /** Takes one line with its line feed. Default: standard output, without ever waiting for who reads it. */
  readonly write?: (line: string) => void
  /** Unix ms. Default: `Date.now`. */
  readonly now?: () => number
}

/** Returns a log. No message of an error is in it: database drivers put parameters into them, and those hold user ids. */
export function createLog({ write, ...options }: LogOptions): AdjustableLog {
  const root = createLogger({ ...options, ...(write && { destination: write }), errorMessages: false })
  const named = byName(root)
  const log: Log = (level, logger, message, fields) => named(logger).log(level, message, fields)
  const always: Log = (level, logger, message, fields) => named(logger).always(level, message, fields)
  const setLevel = (level: LogLevel) => {
    root.level = level
  }
  const level = { get: () => root.level, enumerable: true }
  return Object.defineProperty(Object.assign(log, { setLevel, always }), 'level', level) as AdjustableLog
}

/** Returns the loggers of this service, which are a handful, each made once. */
function byName(root: Logger): (name: string) => Logger {
  const known = new Map<string, Logger>()
  return (name) => {
    const found = known.get(name) ?? root.named(name)
    known.set(name, found)
    return found
  }
}
