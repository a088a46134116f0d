import type { SpanContext, TraceState } from '@opentelemetry/api'
import type { Context } from 'hono'
import { cleanBaggage } from './baggage.ts'
import type { Engine } from './engine.ts'
import { formatTraceparent, parseTraceparent, type Traceparent } from './traceparent.ts'
import { cleanTracestate } from './tracestate.ts'

/** What of Node's request is read here; `@hono/node-server` passes it in `c.env`. */
interface NodeIncoming {
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** Returns a request header, several of one name joined by commas; `name` in lower case. */
export function headerOf(c: Context, name: string): string | undefined {
  const headers = (c.env as { incoming?: NodeIncoming } | undefined)?.incoming?.headers
  // Node's own object is already there; asking Hono would build a Headers.
  if (headers === undefined) return c.req.raw.headers.get(name) ?? undefined
  const value = headers[name]
  return typeof value === 'object' ? value.join(',') : value
}

/** What came in with a request. `tracestate` and `baggage` are read when somebody asks, as most requests pass them to nobody. */
export class Inbound {
  readonly parent: Traceparent | undefined
  readonly #engine: Engine
  readonly #request: Context
  #tracestate: string | undefined
  #baggage: string | undefined

  constructor(engine: Engine, request: Context) {
    this.#engine = engine
    this.#request = request
    const header = engine.propagators.includes('tracecontext') ? headerOf(request, 'traceparent') : undefined
    this.parent = header === undefined ? undefined : parseTraceparent(header)
  }

  /** `''` when there is none, or no parent that it belongs to. */
  get tracestate(): string {
    this.#tracestate ??= this.parent === undefined ? '' : cleanTracestate(headerOf(this.#request, 'tracestate') ?? '')
    return this.#tracestate
  }

  /** `''` when there is none. */
  get baggage(): string {
    const isRead = this.#engine.propagators.includes('baggage')
    this.#baggage ??= isRead ? cleanBaggage(headerOf(this.#request, 'baggage') ?? '') : ''
    return this.#baggage
  }
}

/** Returns the caller's span as OpenTelemetry has it. */
export function remoteSpanContext(engine: Engine, parent: Traceparent, tracestate: string): SpanContext {
  const context = { traceId: parent.traceId, spanId: parent.spanId, traceFlags: parent.sampled ? 1 : 0, isRemote: true }
  return tracestate === '' ? context : { ...context, traceState: textTraceState(engine, tracestate) }
}

/** The API's own forgets a list of more than 512 characters. */
function textTraceState(engine: Engine, text: string): TraceState {
  return {
    get: (key) =>
      text
        .split(',')
        .find((member) => member.startsWith(`${key}=`))
        ?.slice(key.length + 1),
    set: (key, value) => engine.api.createTraceState(text).set(key, value),
    unset: (key) => engine.api.createTraceState(text).unset(key),
    serialize: () => text,
  }
}

/** What goes out with a call: a span, and what came in with the request that it is made for. */
export interface Outbound extends Traceparent {
  readonly tracestate: string
  readonly baggage: string
}

/** Sets what `span` is passed on as. The baggage of a caller who set its own is left alone. */
export function inject(engine: Engine, span: Outbound, headers: Headers): void {
  if (engine.propagators.includes('tracecontext')) {
    headers.set('traceparent', formatTraceparent(span))
    // One that the caller copied from elsewhere does not belong to this span.
    if (span.tracestate === '') headers.delete('tracestate')
    else headers.set('tracestate', span.tracestate)
  }
  if (!engine.propagators.includes('baggage') || span.baggage === '' || headers.has('baggage')) return
  headers.set('baggage', span.baggage)
}
