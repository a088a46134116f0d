import type { Exchange, Instrument } from '@honoscope/core'
import { currentScope } from '@honoscope/core'
import type { SpanContext } from '@opentelemetry/api'
import { CurrentSpan, contextWith, startChild } from './active-span.ts'
import { PassiveSpan } from './context.ts'
import type { Engine, SamplingQuestion } from './engine.ts'
import { createFinish, type FinishServerSpan } from './http-attributes.ts'
import { createResponseHeaders } from './http-headers.ts'
import { checkHttpOptions, type HttpTracingOptions } from './http-options.ts'
import { Inbound, remoteSpanContext } from './propagator.ts'
import type { ExceptionDetail } from './span-error.ts'

/** `SpanKind.SERVER`; the API itself is not loaded while tracing is off. */
const serverKind = 1

/** Makes the instrument that gives each request its server span. Without an engine it does nothing. */
export function createHttp(
  engine: Engine | undefined,
  options: HttpTracingOptions,
  exceptions: ExceptionDetail,
): Instrument {
  checkHttpOptions(options)
  const finish: FinishServerSpan = createFinish(options, exceptions)
  if (engine === undefined) return { name: 'tracing' }
  const respond = createResponseHeaders(options)
  return {
    name: 'tracing',
    scoped: true,
    start(x) {
      if (!isTraced(x)) x.span = startServer(engine, x)
    },
    ...(respond && {
      respond(x: Exchange) {
        if (isOwn(x)) respond(x, x.span)
      },
    }),
    end(x) {
      if (!isOwn(x)) return
      const { recording } = x.span
      if (recording !== undefined) finish(x, recording)
    },
  }
}

function isOwn(x: Exchange): x is Exchange & { readonly span: CurrentSpan } {
  return x.span instanceof CurrentSpan && x.span.exchange === x
}

/** Whether another observer has made a span for the same request. */
function isTraced(x: Exchange): boolean {
  return x.span !== undefined && currentScope()?.exchange?.context.req.raw === x.context.req.raw
}

/** Asks for the route only when a rule does: to find it takes longer than the rest. */
class Question implements SamplingQuestion {
  readonly parent: SpanContext | undefined
  readonly traceId: string
  readonly #exchange: Exchange

  constructor(exchange: Exchange, parent: SpanContext | undefined, traceId: string) {
    this.#exchange = exchange
    this.parent = parent
    this.traceId = traceId
  }

  get method(): string {
    return this.#exchange.method
  }

  get route(): string {
    return this.#exchange.route
  }
}

function startServer(engine: Engine, x: Exchange): CurrentSpan {
  const inbound = new Inbound(engine, x.context)
  const { parent } = inbound
  // A request that the app sends to itself without a header has the span around it for its parent.
  if (parent === undefined && x.span instanceof CurrentSpan) return startLocal(engine, x, x.span)
  const traceId = parent?.traceId ?? engine.newTraceId()
  const random = parent?.random ?? true
  const remote = parent && remoteSpanContext(engine, parent, inbound.tracestate)
  const decision = engine.decide(new Question(x, remote, traceId))
  if (decision === 'drop') return new CurrentSpan(engine, traceId, random, inbound, x, undefined)
  if (decision === 'sample' && engine.startSampled) {
    const span = engine.startSampled(x.method, serverKind, traceId, remote)
    return new CurrentSpan(engine, traceId, random, inbound, x, span)
  }
  if (remote === undefined) engine.useTraceId(traceId)
  const context = remote ? contextWith(engine, new PassiveSpan(remote)) : engine.api.ROOT_CONTEXT
  const span = engine.tracer.startSpan(x.method, { kind: serverKind }, context)
  return new CurrentSpan(engine, span.spanContext().traceId, random, inbound, x, span)
}

function startLocal(engine: Engine, x: Exchange, around: CurrentSpan): CurrentSpan {
  const { traceId, random, inbound } = around
  if (around.recording === undefined) return new CurrentSpan(engine, traceId, random, inbound, x, undefined)
  const child = startChild(engine, x.method, { kind: serverKind }, around)
  return new CurrentSpan(engine, child.traceId, child.random, inbound, x, child.recording)
}
