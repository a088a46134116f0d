import type { ActiveSpan, Exchange } from '@honoscope/core'
import { currentScope } from '@honoscope/core'
import type { Context, Span, SpanOptions } from '@opentelemetry/api'
import { LinkedContext, PassiveSpan } from './context.ts'
import type { Engine } from './engine.ts'
import type { Inbound, Outbound } from './propagator.ts'

/**
 * A span of this package, as it stands in a scope.
 *
 * A class, because one is made for each request and all need one shape. What most requests don't need, such as the id
 * of a span that nobody records, is made when somebody asks for it.
 */
export class CurrentSpan implements ActiveSpan, Outbound {
  readonly traceId: string
  readonly sampled: boolean
  // Private, so that a span that is logged as an object shows its ids and no more.
  readonly #engine: Engine
  readonly #random: boolean
  readonly #inbound: Inbound | undefined
  readonly #exchange: Exchange | undefined
  readonly #recording: Span | undefined
  #spanId: string | undefined
  #context: Context | undefined

  /** @param span OpenTelemetry's, if there is one; its context is the truth then. */
  constructor(
    engine: Engine,
    traceId: string,
    random: boolean,
    inbound: Inbound | undefined,
    exchange: Exchange | undefined,
    span: Span | undefined,
  ) {
    this.traceId = traceId
    this.#engine = engine
    this.#random = random
    this.#inbound = inbound
    this.#exchange = exchange
    if (span === undefined) {
      this.sampled = false
      return
    }
    const { spanId, traceFlags } = span.spanContext()
    this.#spanId = spanId
    this.sampled = (traceFlags & 1) !== 0
    if (span.isRecording()) this.#recording = span
  }

  get recorded(): boolean {
    return this.recording !== undefined
  }

  get spanId(): string {
    this.#spanId ??= this.#engine.newSpanId()
    return this.#spanId
  }

  /** Whether the last 56 bits of the trace id are random. */
  get random(): boolean {
    return this.#random
  }

  /** OpenTelemetry's span; `undefined` when nothing is recorded. */
  get recording(): Span | undefined {
    return this.#recording
  }

  /** What came in with the request that the span is for. */
  get inbound(): Inbound | undefined {
    return this.#inbound
  }

  /** The request whose server span this is. */
  get exchange(): Exchange | undefined {
    return this.#exchange
  }

  get tracestate(): string {
    // A sampler may have changed it.
    if (this.#recording) return this.#recording.spanContext().traceState?.serialize() ?? ''
    return this.#inbound?.tracestate ?? ''
  }

  get baggage(): string {
    return this.#inbound?.baggage ?? ''
  }

  /** As OpenTelemetry sees it, whether it is recorded or not. */
  get span(): Span {
    if (this.#recording) return this.#recording
    return new PassiveSpan({ traceId: this.traceId, spanId: this.spanId, traceFlags: this.sampled ? 1 : 0 })
  }

  /** The context that a child takes its parent from. */
  get context(): Context {
    this.#context ??= contextWith(this.#engine, this.span)
    return this.#context
  }

  toJSON(): ActiveSpan {
    return { traceId: this.traceId, spanId: this.spanId, sampled: this.sampled }
  }
}

/** Returns a context that holds `span`, in front of what is in `outer`. */
export function contextWith(engine: Engine, span: Span, outer: Context = engine.api.ROOT_CONTEXT): Context {
  return new LinkedContext(outer, spanKeyOf(engine), span)
}

/** The API keeps a span under a key that every copy of it makes by the same name. */
function spanKeyOf(engine: Engine): symbol {
  spanKey ??= engine.api.createContextKey('OpenTelemetry Context Key SPAN')
  return spanKey
}

let spanKey: symbol | undefined

/** Returns the innermost span of this package around the running code. */
export function currentSpan(): CurrentSpan | undefined {
  const span = currentScope()?.span
  return span instanceof CurrentSpan ? span : undefined
}

/** Starts a span below `parent`, or one that begins a trace. May throw whatever the SDK throws. */
export function startChild(
  engine: Engine,
  name: string,
  options: SpanOptions,
  parent: CurrentSpan | undefined,
): CurrentSpan {
  const span =
    (parent && startSampledChild(engine, name, options, parent)) ??
    engine.tracer.startSpan(name, options, parent?.context ?? engine.api.ROOT_CONTEXT)
  const { traceId } = span.spanContext()
  // A provider of the user's may not go on with the parent's trace; its own ids are random by the specification.
  const random = parent?.traceId === traceId ? parent.random : true
  return new CurrentSpan(engine, traceId, random, parent?.inbound, undefined, span)
}

/** Starts a span below a sampled one the shorter way; `undefined` where there is none, or not for these options. */
export function startSampledChild(
  engine: Engine,
  name: string,
  { kind = 0, attributes, links, startTime }: SpanOptions,
  parent: CurrentSpan,
): Span | undefined {
  if (!(parent.sampled && parent.recording) || links || startTime !== undefined) return undefined
  const span = engine.startSampled?.(name, kind, parent.traceId, parent.recording.spanContext())
  return attributes ? span?.setAttributes(attributes) : span
}
