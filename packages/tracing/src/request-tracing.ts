import { type ActiveSpan, currentScope, type Instrument, observe } from '@honoscope/core'
import type { Tracer } from '@opentelemetry/api'
import type { MiddlewareHandler } from 'hono'
import { currentSpan } from './active-span.ts'
import { attempt } from './attempt.ts'
import { readBaggage } from './baggage.ts'
import { createDetach, type Detach, type OnDetachedError } from './detach.ts'
import type { Engine } from './engine.ts'
import { type CreateFetch, createCreateFetch } from './fetch.ts'
import { createHttp } from './http.ts'
import type { HttpTracingOptions } from './http-options.ts'
import { createRunInSpan, type RunInSpan } from './span.ts'
import type { ExceptionDetail } from './span-error.ts'
import { createSpanKinds, type SpanKinds } from './span-kinds.ts'
import { createScopedTracer } from './tracer.ts'

/** What traces requests, calls and work. While tracing is off it is all there, and does nothing but what is asked for. */
export interface RequestTracing extends SpanKinds {
  /** Returns the instrument for `observe()` that gives each request its server span. Throws a `TypeError` for a wrong option. */
  http(options?: HttpTracingOptions): Instrument
  /** {@link http} with its defaults, as middleware, for an app that observes nothing else. */
  readonly middleware: MiddlewareHandler
  /** The platform's `fetch`, with a client span and the trace's headers for each call. */
  readonly fetch: typeof globalThis.fetch
  /** Returns `base` with the same, of the same type. */
  readonly createFetch: CreateFetch
  /** Runs work in a span. */
  readonly span: RunInSpan
  /** Runs work that outlives the request in a trace of its own. */
  readonly detach: Detach
  /** OpenTelemetry's interface, for other instrumentation: its spans have the current one for their parent. */
  readonly tracer: Tracer
  /** Returns the span around the running code, e.g. for a log line or an exemplar. */
  context(): ActiveSpan | undefined
  /** Returns the baggage of the request that the running code works for, values percent-decoded. The caller wrote it: don't trust it. */
  baggage(): ReadonlyMap<string, string>
}

/** Options that {@link RequestTracing} shares. */
export interface RequestTracingOptions {
  /**
   * What spans tell of an exception: its type, or its message and stack trace too. Messages may hold secrets, such as
   * the parameters of a query. Default: `type`.
   */
  readonly exceptions?: ExceptionDetail
  /** Told of what the work of `detach()` has thrown, and the work's name. Default: nobody but its span. */
  readonly onDetachedError?: OnDetachedError
}

/** Returns what traces requests by means of `engine`; `undefined` means that tracing is off. */
export function createRequestTracing(
  engine: Engine | undefined,
  { exceptions = 'type', onDetachedError }: RequestTracingOptions,
): RequestTracing {
  if (exceptions !== 'type' && exceptions !== 'full') {
    throw new TypeError('tracing: exceptions must be one of type, full')
  }
  const span = createRunInSpan(engine, exceptions)
  const createFetch = createCreateFetch(engine, exceptions)
  const http = (options: HttpTracingOptions = {}): Instrument => createHttp(engine, options, exceptions)
  return {
    http,
    middleware: observe(http()),
    fetch: createFetch(globalThis.fetch),
    createFetch,
    span,
    ...createSpanKinds(span),
    detach: createDetach(engine, exceptions, onDetachedError),
    tracer: createScopedTracer(engine),
    context: () => currentScope()?.span,
    baggage: () => attempt(() => readBaggage(currentSpan()?.baggage ?? '')) ?? new Map(),
  }
}
