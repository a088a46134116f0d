import type { TraceContext } from '@honoscope/core'
import type { Span } from '@opentelemetry/api'
import { type CallState, recordChunk, recordEnd } from './call-state.ts'
import { cancelled, errorTypeIn, errorTypeOf } from './error-type.ts'
import { createFacts } from './facts.ts'
import type { Guard, UnparsedReason } from './guard.ts'
import type { JsonObject } from './json.ts'
import type { GenAiMetrics } from './metrics.ts'
import type { CheckedOptions } from './options.ts'
import { costOf } from './price.ts'
import type { ModelRequest } from './request.ts'
import { contentSink, describeContent, describeEnd } from './span.ts'

/** What every call needs. */
export interface Observing {
  readonly options: CheckedOptions
  readonly metrics: GenAiMetrics | undefined
  readonly guard: Guard
}

/** A call that is under way. None of its methods throws, and nothing counts after the first end. */
export interface Call {
  /** The response has begun; `isStream` when it comes in chunks. */
  responded(status: number, isStream: boolean): void
  /** Bytes have come. */
  heard(): void
  /** They made up a JSON object. */
  read(value: JsonObject): void
  /** They made up something that could not be read. */
  unreadable(reason: UnparsedReason): void
  /** The provider has said that no more will come. */
  completed(): void
  ended(): void
  failed(error: unknown): void
  /** The caller left before the end. */
  abandoned(): void
}

/** Begins the account of a call. `span` is there when one is made for it. */
export function startCall(observing: Observing, request: ModelRequest, span: Span | undefined): Call {
  const { options, guard } = observing
  const now = (): number => guard.attempt('metrics', options.clock) ?? Number.NaN
  const state = begin(observing, request, span, now())
  const { facts } = state
  return {
    responded(status, isStream) {
      state.heardAt = now()
      state.isStream = isStream && status < 400
      if (status >= 400) state.httpError = String(status)
    },
    heard() {
      state.heardAt = now()
    },
    read: (value) => read(observing, state, value),
    unreadable(reason) {
      state.isUnreadable = true
      guard.unparsed('response', reason)
    },
    completed() {
      facts.complete = true
      // Some callers read no further than this, and never ask for the end of the body.
      finish(observing, state, errorOf(state))
    },
    ended() {
      if (isCut(state)) guard.unparsed('response', 'truncated')
      finish(observing, state, errorOf(state))
    },
    failed(error) {
      if (!state.hasEnded) state.heardAt = now()
      finish(observing, state, errorTypeOf(error))
    },
    abandoned() {
      // A caller that has seen the last event need not wait for the connection to end.
      finish(observing, state, errorOf(state) ?? (facts.complete ? undefined : cancelled))
    },
  }
}

/** What the provider says that went wrong, or else what HTTP says. */
function errorOf({ facts, httpError }: CallState): string | undefined {
  return facts.errorType ?? httpError
}

/** A stream that ended well for HTTP and said nothing of its end was cut off somewhere on its way. */
function isCut(state: CallState): boolean {
  const { isStream, isUnreadable, hasEnded, facts } = state
  return isStream && !facts.complete && !isUnreadable && !hasEnded && errorOf(state) === undefined
}

function read({ guard, metrics }: Observing, state: CallState, value: JsonObject): void {
  const { facts, request } = state
  const isOutput = guard.attempt('response', () => {
    facts.errorType = errorTypeIn(value) ?? facts.errorType
    return request.format.response(value, facts)
  })
  if (isOutput) guard.attempt('metrics', () => recordChunk(state, metrics))
}

function begin({ options, guard }: Observing, request: ModelRequest, span: Span | undefined, now: number): CallState {
  const isRecorded = span !== undefined && guard.attempt('span', () => span.isRecording()) === true
  return {
    request,
    facts: createFacts(isRecorded ? contentSink(options.content) : undefined),
    span,
    isRecorded,
    trace: span && guard.attempt('span', () => exemplarOf(span)),
    startedAt: now,
    heardAt: now,
    chunkAt: undefined,
    perChunk: undefined,
    firstChunk: undefined,
    isStream: false,
    httpError: undefined,
    isUnreadable: false,
    hasEnded: false,
  }
}

function exemplarOf(span: Span): TraceContext | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return (traceFlags & 1) === 0 ? undefined : { traceId, spanId }
}

function finish({ options, guard, metrics }: Observing, state: CallState, errorType: string | undefined): void {
  if (state.hasEnded) return
  state.hasEnded = true
  const { prices, currency, content } = options
  const { facts, request, span, isRecorded, firstChunk } = state
  const cost = prices && costOf(facts.usage, [facts.model, request.model], prices)
  if (metrics) guard.attempt('metrics', () => recordEnd(state, metrics, errorType, cost, currency))
  if (span === undefined) return
  if (isRecorded) guard.attempt('span', () => describeEnd(span, { facts, errorType, firstChunk, cost, currency }))
  if (isRecorded && content) guard.attempt('span', () => describeContent(span, request, facts, content, guard))
  guard.attempt('span', () => span.end())
}
