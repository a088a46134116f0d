import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { Attributes, Span, SpanOptions, SpanStatus, Tracer } from '@opentelemetry/api'

/** A span as the fake tracer keeps it. */
export interface FakeSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parent: FakeSpan | undefined
  readonly options: SpanOptions
  readonly attributes: Attributes
  status: SpanStatus | undefined
  ended: number
}

/** A tracer that keeps its spans, and makes them current as an OpenTelemetry context manager would. */
export interface FakeTracer {
  readonly tracer: Tracer
  readonly spans: FakeSpan[]
  /** Runs `work` within a span of that name. */
  within<T>(name: string, work: () => T): T
}

/** Makes a tracer. `fail` is asked before each of its methods does anything, and may throw. */
export function fakeTracer(fail: (method: string) => void = () => {}): FakeTracer {
  const current = new AsyncLocalStorage<FakeSpan>()
  const spans: FakeSpan[] = []

  const start = (name: string, options: SpanOptions = {}): FakeSpan => {
    const parent = current.getStore()
    const traceId = parent?.traceId ?? randomBytes(16).toString('hex')
    const spanId = randomBytes(8).toString('hex')
    const attributes = { ...options.attributes }
    const span: FakeSpan = { name, traceId, spanId, parent, options, attributes, status: undefined, ended: 0 }
    spans.push(span)
    return span
  }
  const tracer = {
    startSpan(name: string, options?: SpanOptions) {
      fail('startSpan')
      return facade(start(name, options), fail)
    },
    startActiveSpan(name: string, options: SpanOptions, fn: (span: Span) => unknown) {
      fail('startActiveSpan')
      const span = start(name, options)
      const returned = current.run(span, () => fn(facade(span, fail)))
      fail('startActiveSpan after')
      return returned
    },
  } as Tracer
  return {
    tracer,
    spans,
    within: (name, work) => current.run(start(name), work),
  }
}

function facade(span: FakeSpan, fail: (method: string) => void): Span {
  const self: Span = {
    spanContext() {
      fail('spanContext')
      return { traceId: span.traceId, spanId: span.spanId, traceFlags: 1 }
    },
    setAttribute(name, value) {
      fail('setAttribute')
      span.attributes[name] = value
      return self
    },
    setAttributes(attributes) {
      Object.assign(span.attributes, attributes)
      return self
    },
    addEvent: () => self,
    addLink: () => self,
    addLinks: () => self,
    setStatus(status) {
      fail('setStatus')
      span.status = status
      return self
    },
    updateName: () => self,
    end() {
      fail('end')
      span.ended++
    },
    isRecording: () => true,
    recordException: () => {},
  }
  return self
}
