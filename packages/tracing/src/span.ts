import { currentScope, runInScope } from '@honoscope/core'
import type { Attributes, Span, SpanOptions } from '@opentelemetry/api'
import { type CurrentSpan, currentSpan, startChild } from './active-span.ts'
import { attempt } from './attempt.ts'
import type { Engine } from './engine.ts'
import { type ExceptionDetail, recordError } from './span-error.ts'
import { noSpan } from './tracer.ts'

/** Runs work in a span of its own. */
export interface RunInSpan {
  /**
   * Returns what `work` returns, and runs it in a span below the current one. The span ends when the work has returned,
   * or when the promise that it returned is settled; what it throws is recorded and thrown on.
   */
  <T>(name: string, work: (span: Span) => T): T
  <T>(name: string, attributes: Attributes, work: (span: Span) => T): T
}

/** Makes the function that runs work in spans. Without an engine it only runs the work. */
export function createRunInSpan(engine: Engine | undefined, exceptions: ExceptionDetail): RunInSpan {
  return <T>(name: string, second: Attributes | ((span: Span) => T), third?: (span: Span) => T): T => {
    const work = typeof second === 'function' ? second : (third as (span: Span) => T)
    if (engine === undefined) return work(noSpan)
    const parent = currentSpan()
    // Nothing below a span that is not recorded is: its scope and its ids serve for the work too.
    if (parent && parent.recording === undefined) return work(parent.span)
    const options = typeof second === 'function' ? {} : { attributes: second }
    const span = attempt(() => startChild(engine, name, options, parent))
    return span ? runAndEnd(span, work, exceptions) : work(noSpan)
  }
}

/** Starts a span that begins a trace of its own. */
export function startRoot(engine: Engine, name: string, options: SpanOptions): CurrentSpan | undefined {
  return attempt(() => startChild(engine, name, { ...options, root: true }, undefined))
}

function runAndEnd<T>(span: CurrentSpan, work: (span: Span) => T, exceptions: ExceptionDetail): T {
  let result: T
  try {
    result = runInScope({ exchange: currentScope()?.exchange, span }, () => work(span.span))
  } catch (error) {
    endFailed(span, error, exceptions)
    throw error
  }
  if (!isThenable(result)) {
    endSpan(span)
    return result
  }
  return Promise.resolve(result).then(
    (value: unknown) => {
      endSpan(span)
      return value
    },
    (error: unknown) => {
      endFailed(span, error, exceptions)
      throw error
    },
  ) as T
}

/** A query builder is one that begins its work when it is asked: it is asked once, and a promise takes its place. */
function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** Ends a span. Never throws. */
export function endSpan({ recording }: CurrentSpan): void {
  attempt(() => recording?.end())
}

/** Ends the span of work that has thrown. Never throws. */
export function endFailed(span: CurrentSpan, error: unknown, exceptions: ExceptionDetail): void {
  attempt(() => span.recording && recordError(span.recording, error, exceptions))
  endSpan(span)
}
