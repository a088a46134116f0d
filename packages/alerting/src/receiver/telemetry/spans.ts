import type { Attributes, Link, Span, SpanKind, SpanOptions, SpanStatusCode, Tracer } from '@opentelemetry/api'
import type { Guard } from '../guard.ts'
import { linkTo, traceOf } from './trace-parent.ts'

// The numbers of OpenTelemetry's enums: its package is only needed for types.
const internal: SpanKind.INTERNAL = 0
const statusError: SpanStatusCode.ERROR = 2

/** What is under way, as far as the receiver has to say something about it. */
export interface ReceiverSpan {
  /** The span as in `traceparent`, to be kept with what follows from it; `undefined` without one. */
  readonly trace: string | undefined
  set(name: string, value: string | number | boolean): void
  /** How it ended, when that is no success: a word, never a message. */
  failed(type: string): void
}

/** @see Spans.run */
export interface SpanSetup {
  readonly attributes?: Attributes
  /** The span whose delivery this follows from. With it the span begins a trace of its own, which links there. */
  readonly follows?: string | undefined
}

/** Makes spans around work. */
export interface Spans {
  /** Settles as `work` does, whatever the tracer does. */
  run<T>(name: string, setup: SpanSetup, work: (span: ReceiverSpan) => Promise<T>): Promise<T>
}

const noSpan: ReceiverSpan = { trace: undefined, set: () => {}, failed: () => {} }

/** Returns what makes the spans of a receiver. Labels and annotations of alerts are never in them. */
export function createSpans(tracer: Tracer | undefined, guard: Guard): Spans {
  if (tracer === undefined) return { run: (_name, _setup, work) => work(noSpan) }
  return {
    run<T>(name: string, setup: SpanSetup, work: (span: ReceiverSpan) => Promise<T>): Promise<T> {
      let begun: Promise<T> | undefined
      const begin = (span: Span | undefined): Promise<T> => {
        begun ??= span === undefined ? work(noSpan) : recorded(span, work, guard)
        return begun
      }
      guard.run('span', () => {
        const returned: unknown = tracer.startActiveSpan(name, optionsOf(setup), begin)
        // What `work` rejects with has its own owner.
        if (returned instanceof Promise) returned.catch(() => {})
      })
      return begin(undefined)
    },
  }
}

function optionsOf({ attributes = {}, follows }: SpanSetup): SpanOptions {
  const link: Link | undefined = linkTo(follows)
  return { kind: internal, attributes, ...(link ? { root: true, links: [link] } : {}) }
}

async function recorded<T>(span: Span, work: (span: ReceiverSpan) => Promise<T>, guard: Guard): Promise<T> {
  const own: ReceiverSpan = {
    trace: guard.run('span', () => traceOf(span.spanContext())),
    set: (name, value) => void guard.run('span', () => span.setAttribute(name, value)),
    failed: (type) =>
      void guard.run('span', () => {
        span.setAttribute('error.type', type)
        span.setStatus({ code: statusError })
      }),
  }
  try {
    return await work(own)
  } catch (error) {
    own.failed(error instanceof Error ? error.name : typeof error)
    throw error
  } finally {
    guard.run('span', () => span.end())
  }
}
