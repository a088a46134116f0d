import { pino } from 'pino'
import type { Destination } from './destination.ts'
import { addFields, type Line, type LogFields } from './fields.ts'
import type { LogLevel } from './level.ts'
import { unreadable } from './nested.ts'
import type { Redactor } from './redact.ts'
import { shortened } from './shorten.ts'

/** Makes a line of what it is given and hands it on. Never throws. */
export interface Writer {
  write(
    level: LogLevel,
    logger: string,
    message: string,
    bound: readonly (LogFields | undefined)[],
    fields: LogFields | undefined,
  ): void
}

/** What the writer of one logger and its children needs. */
export interface WriterOptions {
  readonly sink: Destination
  readonly redactor: Redactor | undefined
  readonly count: (level: LogLevel) => void
  readonly now: () => number
  readonly errorOf: (error: Error) => LogFields
  readonly perLine: (() => LogFields | undefined) | undefined
  readonly trace: () => LogFields | undefined
  readonly maxLineLength: number
}

/** Returns the writer of one logger and its children. */
export function createWriter(options: WriterOptions): Writer {
  const { sink, redactor, count, errorOf, perLine, trace, maxLineLength } = options
  const emit = (text: string): void => {
    const masked = redactor ? redactor.json(text) : text
    const bounded = masked.length > maxLineLength ? shortened(masked, maxLineLength) : masked
    try {
      sink.write(bounded)
    } catch {
      // Nobody is left to tell.
    }
  }
  const serializer = serializerOf(options.now, emit)

  function write(...[level, logger, message, bound, fields]: Parameters<Writer['write']>): void {
    const line: Line = Object.create(null)
    line.level = level.toUpperCase()
    line.logger = logger
    line.message = messageOf(message)
    for (const each of bound) addFields(line, each, errorOf)
    if (perLine) addFields(line, asked(perLine), errorOf)
    addFields(line, fields, errorOf)
    if (isError(message)) addFields(line, { error: message }, errorOf)
    if (line.trace_id === undefined) addFields(line, trace(), errorOf)
    try {
      serializer[level]({ line })
    } catch {
      // Nesting can be too deep for the runtime's stack.
      serializer[level]({ line: flattened(line) })
    }
    count(level)
  }

  return {
    write(...args) {
      try {
        write(...args)
      } catch {
        // A log that fails has nobody left to tell, and must not fail its caller.
      }
    },
  }
}

/**
 * A pino that does nothing but make JSON of a line. Its own level stands before the time, where the lines here have
 * it after; so it is given as a field. The line comes in a wrapper, since pino takes an object with `method`,
 * `headers` and `socket` for a request of Node and writes another.
 */
function serializerOf(now: () => number, emit: (text: string) => void) {
  return pino(
    {
      level: 'debug',
      base: null,
      timestamp: () => `"timestamp":"${timeOf(now)}"`,
      formatters: { level: () => ({}), log: ({ line }) => line as Line },
    },
    { write: emit },
  )
}

const isError = (value: unknown): value is Error => value instanceof Error

/** Callers in JavaScript give anything. Of an error the name: what else may be told of it is a field. */
function messageOf(message: unknown): string {
  try {
    return String(isError(message) ? message.name : message)
  } catch {
    return unreadable
  }
}

/** The line without what is not a text, a number or a boolean. */
function flattened(line: Line): Line {
  const flat: Line = Object.create(null)
  for (const [key, value] of Object.entries(line)) flat[key] = typeof value === 'object' ? unreadable : value
  return flat
}

/** A clock that fails costs its time, not the line. */
function timeOf(now: () => number): string {
  try {
    return new Date(now()).toISOString()
  } catch {
    return new Date().toISOString()
  }
}

function asked(fields: () => LogFields | undefined): LogFields | undefined {
  try {
    return fields()
  } catch {
    return undefined
  }
}
