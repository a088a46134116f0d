/** The service's log: JSON Lines with the contract's field names (section 9.1) and its secrets masked. */

/** How grave, lowest first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/** Fields beside the four that every line has. An undefined one is left out. */
export type LogFields = Readonly<Record<string, unknown>>

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
  /** Takes one line with its line feed. */
  readonly write: (line: string) => void
  /** Unix ms. Default: `Date.now`. */
  readonly now?: () => number
}

/** A log that writes through `options.write`. A field that JSON can't hold costs the fields, never the line. */
export function createLog(options: LogOptions): AdjustableLog {
  const { write, now = Date.now } = options
  let least = options.level ?? 'info'
  const always: Log = (level, logger, message, fields) => {
    const line = { timestamp: new Date(now()).toISOString(), level: level.toUpperCase(), logger, message }
    write(`${redact(toJson(line, fields))}\n`)
  }
  const log: Log = (level, ...line) => {
    if (logLevels.indexOf(level) >= logLevels.indexOf(least)) always(level, ...line)
  }
  const setLevel = (level: LogLevel) => {
    least = level
  }
  const level = { get: () => least, enumerable: true }
  return Object.defineProperty(Object.assign(log, { setLevel, always }), 'level', level) as AdjustableLog
}

/**
 * `text` with every token, key secret, token hash and PEM masked, wherever it stands. Of PEM all is masked up to a
 * quote, so that JSON stays JSON.
 */
export function redact(text: string): string {
  return text
    .replace(/(tmtk_|tmas_|tmth_)[A-Za-z0-9_-]+/g, '$1***REDACTED***')
    .replace(/-----BEGIN(?:[^"\\]|\\[^"])*/g, '***REDACTED***')
}

/**
 * What of a thrown value may be logged: its kind, its code and where it came from, and the same of its causes.
 * Messages are left out: database drivers put parameters into them, and those hold user ids.
 */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: `thrown ${typeof error}` }
  const code = 'code' in error ? String(error.code) : undefined
  const at = framesOf(error).slice(0, 5)
  const cause = error.cause === undefined ? undefined : describeError(error.cause)
  return { error: error.name, error_code: code, at, cause }
}

/**
 * Where the error was made. A stack begins with the error's name and its message, whose lines may look like places:
 * both are cut off, and of a stack that begins with another message nothing is told.
 */
function framesOf({ message, stack = '' }: Error): readonly string[] {
  const [name = ''] = /^[\w$.]*(?: \[\w+\])?(?:: )?/.exec(stack) ?? []
  const rest = stack.slice(name.length)
  if (!rest.startsWith(`${message}\n`)) return []
  const lines = rest.slice(message.length + 1).split('\n')
  return lines.filter((line) => /^\s+at /.test(line)).map((line) => line.trim())
}

function toJson(line: LogFields, fields: LogFields | undefined): string {
  try {
    return JSON.stringify({ ...line, ...fields })
  } catch {
    return JSON.stringify(line)
  }
}
