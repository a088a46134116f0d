import type { LogFields } from './fields.ts'
import { redact } from './redact.ts'

/** Bounds of what one error may fill a line with. */
const maxDepth = 5
const maxErrors = 10
const maxTextLength = 8192

/**
 * Returns an error as fields for a line: `type`, `message`, `code`, `stack`, its `cause` and, of an `AggregateError`,
 * the first 10 of its `errors`, the same of each, at most 5 deep. Texts are masked and then cut to 8,192 characters.
 * It takes anything that can be thrown, and never throws.
 */
export function serializeError(error: unknown): LogFields {
  return describe(error, fullOf, [])
}

/**
 * Returns what of an error may be logged where messages may not: `error` (its kind), `error_code`, `at` (where it
 * was made) and the same of its causes. Database drivers put parameters into messages, and those are personal data.
 */
export function describeError(error: unknown): LogFields {
  return describe(error, discreetOf, [])
}

type Render = (error: unknown) => Record<string, unknown>

function describe(error: unknown, render: Render, above: readonly unknown[]): LogFields {
  const told = render(error)
  if (!(error instanceof Error)) return told
  const path = [...above, error]
  const below = (value: unknown): unknown => {
    if (path.includes(value)) return '[circular]'
    return path.length < maxDepth ? describe(value, render, path) : '[more]'
  }
  const cause = read(error, 'cause')
  if (cause !== undefined) told.cause = below(cause)
  const errors = read(error, 'errors')
  if (Array.isArray(errors)) told.errors = errors.slice(0, maxErrors).map(below)
  return told
}

function fullOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error, message: bounded(textOf(error)) }
  return {
    type: bounded(textOf(read(error, 'name'))),
    message: bounded(textOf(read(error, 'message'))),
    code: codeOf(error),
    stack: bounded(textOf(read(error, 'stack'))),
  }
}

function discreetOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: `thrown ${typeof error}` }
  return { error: bounded(textOf(read(error, 'name'))), error_code: codeOf(error), at: framesOf(error).slice(0, 5) }
}

/**
 * Where the error was made. A stack begins with the error's name and its message, whose lines may look like places:
 * both are cut off, and of a stack that begins with another message nothing is told.
 */
function framesOf(error: Error): readonly string[] {
  const [message, stack] = [textOf(read(error, 'message')), textOf(read(error, 'stack') ?? '')]
  const [name = ''] = /^[\w$.]*(?: \[\w+\])?(?:: )?/.exec(stack) ?? []
  const rest = stack.slice(name.length)
  if (!rest.startsWith(`${message}\n`)) return []
  const lines = rest.slice(message.length + 1).split('\n')
  return lines.filter((line) => /^\s+at /.test(line)).map((line) => line.trim())
}

const codeOf = (error: Error): string | undefined => {
  const code = read(error, 'code')
  return code === undefined ? undefined : bounded(textOf(code))
}

/** A property of an error that may be anything: a getter that throws reads as `undefined`. */
function read(error: Error, name: string): unknown {
  try {
    return Reflect.get(error, name)
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return '[unreadable]'
  }
}

/** Masked before it is cut: half of a secret would not be known as one. */
function bounded(text: string): string {
  return text.length <= maxTextLength ? text : `${redact(text).slice(0, maxTextLength)}… (${text.length} characters)`
}
