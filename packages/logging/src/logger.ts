import { type ActiveSpan, type Catalogue, currentScope } from '@honoscope/core'
import type { Destination } from './destination.ts'
import { describeError, serializeError } from './error.ts'
import type { LogFields } from './fields.ts'
import { type LogLevel, logLevels, rankOf } from './level.ts'
import { countLines } from './metrics.ts'
import { createRedactor, type RedactOptions } from './redact.ts'
import { standardDestination } from './stdout.ts'
import { createWriter, type Writer } from './writer.ts'

/** What {@link createLogger} can be told. */
export interface LoggerOptions {
  /** The line's `logger`, dotted, e.g. `shop.orders`. Default: `app`. */
  readonly name?: string
  /** Lines below it are left out, until `level` is set. Default: `info`. */
  readonly level?: LogLevel
  /** Takes the lines, each with its line feed. Default: one `stdoutDestination()` for all loggers, which never blocks. */
  readonly destination?: Destination | ((line: string) => void)
  /** Fields of every line, e.g. `service` and `version`. Default: none. */
  readonly base?: LogFields
  /** Asked for fields at each line, e.g. a request id. What it throws costs its fields. Default: none. */
  readonly fields?: () => LogFields | undefined
  /** What is masked beside the defaults; `false` masks nothing. */
  readonly redact?: RedactOptions | false
  /**
   * Whether an `Error` among the fields is told with message and stack. `false` leaves both out, as database drivers
   * put parameters into messages. Default: true.
   */
  readonly errorMessages?: boolean
  /** Adds `trace_flags` (`01` when sampled, else `00`) beside `trace_id` and `span_id`. Default: false. */
  readonly traceFlags?: boolean
  /** A longer line has its long fields cut, in UTF-16 units. Default: 131,072, at least 1,024. */
  readonly maxLineLength?: number
  /** Unix ms. Default: `Date.now`. */
  readonly now?: () => number
  /** Gets `log_lines_total{level}` and `log_lines_dropped_total`. Default: nothing is counted. */
  readonly metrics?: Catalogue
}

/** Writes lines. No method throws. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** Writes a line of a level that is only known when it runs. */
  log(level: LogLevel, message: string, fields?: LogFields): void
  /** Writes a line whatever the level is: what must be on record, as the summary of a start. */
  always(level: LogLevel, message: string, fields?: LogFields): void
  /** Returns a logger whose lines have `fields` too. It shares the rest, and the level, with this one. */
  child(fields: LogFields): Logger
  /** Returns a logger with this name, dotted and whole. It shares the rest, and the level, with this one. */
  named(name: string): Logger
  /** Lines below it are left out. Setting it holds for the children and the parents too; a wrong one is a `TypeError`. */
  level: LogLevel
  /** Whether a line of this level would be written. */
  isLevelEnabled(level: LogLevel): boolean
  /** Hands on at once what waits for a slow reader. It blocks, if need be, until the reader stops reading for a second. */
  flush(): void
  /** Flushes and closes the destination. */
  close(): void
}

/**
 * Returns a logger that writes JSON Lines: `timestamp`, `level`, `logger`, `message`, fields, and `trace_id` and
 * `span_id` when there is a span. Secrets are masked wherever they stand. A wrong option throws a `TypeError`.
 *
 * @example
 * ```ts
 * import { createLogger } from '@honoscope/logging'
 *
 * const logger = createLogger({ name: 'shop', base: { service: 'shop' } })
 * logger.info('order placed', { order_id: 'o-17', duration_ms: 12.5 })
 * ```
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const level = validLevel(options.level ?? 'info')
  const { destination = standardDestination() } = options
  const sink = typeof destination === 'function' ? { write: destination } : destination
  const count = countLines(options.metrics, sink)
  const redactor = options.redact === false ? undefined : createRedactor(options.redact)
  const writer = createWriter({
    sink,
    redactor,
    count,
    now: options.now ?? Date.now,
    errorOf: options.errorMessages === false ? describeError : serializeError,
    perLine: options.fields,
    trace: options.traceFlags ? tracedWithFlags : traced,
    maxLineLength: atLeast(1024, options.maxLineLength ?? 131_072, 'maxLineLength'),
  })
  const shared = { writer, sink, least: rankOf(level) }
  return loggerOf(shared, validName(options.name ?? 'app'), [options.base])
}

interface Shared {
  readonly writer: Writer
  readonly sink: Destination
  least: number
}

function loggerOf(shared: Shared, name: string, bound: readonly (LogFields | undefined)[]): Logger {
  const { writer, sink } = shared
  const always: Logger['always'] = (level, message, fields) => writer.write(level, name, message, bound, fields)
  const log: Logger['log'] = (level, message, fields) => {
    if (rankOf(level) >= shared.least) always(level, message, fields)
  }
  return {
    debug: (message, fields) => log('debug', message, fields),
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
    log,
    always,
    child: (fields) => loggerOf(shared, name, [...bound, fields]),
    named: (other) => loggerOf(shared, validName(other), bound),
    get level() {
      return logLevels[shared.least] ?? 'info'
    },
    set level(level) {
      shared.least = rankOf(validLevel(level))
    },
    isLevelEnabled: (level) => rankOf(level) >= shared.least,
    flush: () => attempt(() => sink.flush?.()),
    close: () => {
      attempt(() => sink.flush?.())
      attempt(() => sink.close?.())
    },
  }
}

/** The ids of the span that the running code belongs to, sampled or not. */
function traced(): LogFields | undefined {
  const span = currentScope()?.span
  return span && idsOf(span)
}

function tracedWithFlags(): LogFields | undefined {
  const span = currentScope()?.span
  return span && { ...idsOf(span), trace_flags: span.sampled ? '01' : '00' }
}

const idsOf = ({ traceId, spanId }: ActiveSpan): LogFields => ({ trace_id: traceId, span_id: spanId })

function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // A destination that fails has nobody left to tell, and the caller is not to blame.
  }
}

function validLevel(level: LogLevel): LogLevel {
  if (rankOf(level) < 0) throw new TypeError(`level: must be one of ${logLevels.join(', ')}`)
  return level
}

function validName(name: string): string {
  if (typeof name !== 'string' || name === '') throw new TypeError('name: must be a text that is not empty')
  return name
}

function atLeast(least: number, value: number, option: string): number {
  if (!(value >= least)) throw new TypeError(`${option}: must be a number of at least ${least}`)
  return value
}
