import type { HistogramSeries, LabelValues, TraceContext } from '@honoscope/core'
import type { Span } from '@opentelemetry/api'
import { inputTokens, type ResponseFacts } from './facts.ts'
import type { CallLabels, GenAiMetrics } from './metrics.ts'
import type { ModelRequest } from './request.ts'

/** What is known of a call that is under way. Times are the clock's, in milliseconds. */
export interface CallState {
  readonly request: ModelRequest
  readonly facts: ResponseFacts
  /** `undefined` when none is made. */
  readonly span: Span | undefined
  /** Whether the span takes attributes. */
  readonly isRecorded: boolean
  /** Of a sampled span, for exemplars. */
  readonly trace: TraceContext | undefined
  readonly startedAt: number
  /** When something last came. */
  heardAt: number
  /** When the last chunk came. */
  chunkAt: number | undefined
  /** Resolved at the second chunk, when the model that answers is known. */
  perChunk: HistogramSeries | undefined
  /** Seconds. */
  firstChunk: number | undefined
  isStream: boolean
  /** The HTTP status, when it is one of an error. */
  httpError: string | undefined
  /** Whether a part of the response could not be read. */
  isUnreadable: boolean
  hasEnded: boolean
}

function labelsOf({ request, facts }: CallState): LabelValues<CallLabels> {
  return {
    gen_ai_operation_name: request.format.operation,
    gen_ai_provider_name: request.provider,
    gen_ai_request_model: request.model ?? '',
    gen_ai_response_model: facts.model ?? '',
    server_address: request.address,
    server_port: String(request.port),
  }
}

/** Records the time to a chunk of a stream as it comes: a stream may go on for long. */
export function recordChunk(state: CallState, metrics: GenAiMetrics | undefined): void {
  const { chunkAt, heardAt, startedAt, trace } = state
  if (!state.isStream) return
  state.chunkAt = heardAt
  if (chunkAt !== undefined) {
    state.perChunk ??= metrics?.perChunk.series(labelsOf(state))
    state.perChunk?.observe((heardAt - chunkAt) / 1e3)
    return
  }
  state.firstChunk = (heardAt - startedAt) / 1e3
  metrics?.firstChunk.series(labelsOf(state)).observe(state.firstChunk, trace)
}

/** Records a call that has ended. */
export function recordEnd(
  state: CallState,
  metrics: GenAiMetrics,
  errorType: string | undefined,
  cost: number | undefined,
  currency: string,
): void {
  const { facts, trace } = state
  const labels = labelsOf(state)
  const seconds = (state.heardAt - state.startedAt) / 1e3
  metrics.duration.series({ ...labels, error_type: errorType ?? '' }).observe(seconds, trace)
  const input = inputTokens(facts.usage)
  const { output } = facts.usage
  if (input !== undefined) metrics.tokens.series({ ...labels, gen_ai_token_type: 'input' }).observe(input, trace)
  if (output !== undefined) metrics.tokens.series({ ...labels, gen_ai_token_type: 'output' }).observe(output, trace)
  if (cost !== undefined) metrics.cost.inc({ ...labels, currency }, cost)
}
