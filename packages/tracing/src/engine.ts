import type { Span, SpanContext, Tracer } from '@opentelemetry/api'

/** The API module, as the SDK side loads it. */
export type Api = typeof import('@opentelemetry/api')

/**
 * What becomes of a span.
 *
 * - `drop`: no span is made; its context is passed on, not sampled.
 * - `record`: it is recorded and not sampled; it is exported if its request turns out to be worth it.
 * - `sample`: it is recorded and exported.
 */
export type Decision = 'drop' | 'record' | 'sample'

/** Header formats that contexts are read from and written to. */
export type PropagatorName = 'tracecontext' | 'baggage'

/** A request whose server span is to be made or not. */
export interface SamplingQuestion {
  /** The caller's span, if it sent a valid one. */
  readonly parent: SpanContext | undefined
  /** Trace id of `parent`, or the one that a new trace will have. */
  readonly traceId: string
  readonly method: string
  /** Template, as it is known before the handler runs. */
  readonly route: string
}

/**
 * The OpenTelemetry SDK behind a small surface: what `engine.ts`'s importers need of it, and nothing of it is loaded
 * by importing this file. `provider.ts` makes one, when tracing is on.
 */
export interface Engine {
  /** `@opentelemetry/api`. What is loaded while tracing is off imports types of it only, and takes its values from here. */
  readonly api: Api
  /** The SDK's. It takes the parent from the context that it is given, and consults the same sampler as {@link decide}. */
  readonly tracer: Tracer
  /** By `propagators` or `OTEL_PROPAGATORS`. Empty: contexts are neither read nor written. */
  readonly propagators: readonly PropagatorName[]
  /**
   * Asked before a server span is made, so that a request that is not sampled makes none. After `sample` follows
   * {@link startSampled}; after `record` the tracer's `startSpan`, before anything else is asked.
   *
   * With a provider of the user's the answer is always `sample`, and the provider's own sampler has the last word: look
   * at the flags of the span that comes back, and at its trace id.
   */
  decide(question: SamplingQuestion): Decision
  /** 32 lower-case hex digits, random in the last 56 bits at least. */
  newTraceId(): string
  /** 16 lower-case hex digits. */
  newSpanId(): string
  /** The next root span that {@link tracer} starts has this trace id. To be called right before `startSpan`. */
  useTraceId(traceId: string): void
  /**
   * Starts a span that is known to be sampled: one that {@link decide} has just answered `sample` for, or a child of a
   * sampled one of this process. A shorter way than {@link tracer}'s; absent with a provider of the user's.
   */
  startSampled?(name: string, kind: number, traceId: string, parent: SpanContext | undefined): Span
  /** Exports what waits. Never rejects; `false` when something could not be exported within `timeoutMs`. */
  flush(timeoutMs: number): Promise<boolean>
  /** Exports what waits and stops. Never rejects; `false` as for {@link flush}. Twice is once. */
  shutdown(timeoutMs: number): Promise<boolean>
}
