import type { Span } from '@opentelemetry/api'

/** `SpanStatusCode.ERROR`; the API itself is not loaded while tracing is off. */
export const errorStatus = 2

/** What is told of an exception: its type alone, or its message and stack trace too. */
export type ExceptionDetail = 'type' | 'full'

/** Returns the name of an error's type, at most 64 characters of a plain name; of anything else that was thrown, its `typeof`. */
export function typeOfError(error: unknown): string {
  try {
    if (!(error instanceof Error)) return error === null ? 'null' : typeof error
    const { name } = error
    const own = name === 'Error' ? error.constructor.name : name
    return typeof own === 'string' && /^[\w$.-]{1,64}$/.test(own) ? own : 'Error'
  } catch {
    // A getter of the error's own that throws.
    return 'Error'
  }
}

/** The trace that an error was last recorded in. */
const recordedIn = new WeakMap<object, string>()

/**
 * Marks `span` as failed and records `error` on it; only the innermost span that it passes through gets the event.
 * The message stays out unless `detail` asks for it.
 */
export function recordError(span: Span, error: unknown, detail: ExceptionDetail): void {
  const type = typeOfError(error)
  span.setAttribute('error.type', type)
  span.setStatus({ code: errorStatus })
  if (isRecorded(error, span.spanContext().traceId)) return
  span.addEvent('exception', { 'exception.type': type, ...(detail === 'full' && detailsOf(error)) })
}

function isRecorded(error: unknown, traceId: string): boolean {
  if (typeof error !== 'object' || error === null) return false
  if (recordedIn.get(error) === traceId) return true
  recordedIn.set(error, traceId)
  return false
}

function detailsOf(error: unknown): Record<string, string> {
  try {
    if (!(error instanceof Error)) return { 'exception.message': String(error) }
    const { message, stack } = error
    return { 'exception.message': String(message), ...(stack && { 'exception.stacktrace': String(stack) }) }
  } catch {
    return {}
  }
}
