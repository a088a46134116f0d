import type { Catalogue, Counter, Histogram, OpenLabel } from '@honoscope/core'
import { operations } from './facts.ts'
import { steps, unparsedReasons } from './guard.ts'

/** Bounds that the GenAI conventions ask for, in seconds. */
const secondsBuckets = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]

/** Bounds that the GenAI conventions ask for, in tokens: the powers of 4. */
const tokenBuckets = Array.from({ length: 14 }, (_, power) => 4 ** power)

/** A child of these histograms has 17 series, and the labels multiply. */
const maxChildren = 300

/** The conventions' attributes, as Prometheus spells them. */
export type CallLabels = {
  readonly gen_ai_operation_name: typeof operations
  readonly gen_ai_provider_name: OpenLabel
  readonly gen_ai_request_model: OpenLabel
  readonly gen_ai_response_model: OpenLabel
  readonly server_address: OpenLabel
  readonly server_port: OpenLabel
}
type DurationLabels = CallLabels & { readonly error_type: OpenLabel }
type TokenLabels = CallLabels & { readonly gen_ai_token_type: readonly ['input', 'output'] }
type CostLabels = CallLabels & { readonly currency: OpenLabel }
type ErrorLabels = { readonly step: typeof steps }
type UnparsedLabels = { readonly part: readonly ['request', 'response']; readonly reason: typeof unparsedReasons }

const callLabels: CallLabels = {
  gen_ai_operation_name: operations,
  gen_ai_provider_name: { open: 20 },
  gen_ai_request_model: { open: 50 },
  gen_ai_response_model: { open: 50 },
  server_address: { open: 20 },
  server_port: { open: 20 },
}

/** The metrics of the calls that go through one catalogue. */
export interface GenAiMetrics {
  readonly duration: Histogram<DurationLabels>
  readonly tokens: Histogram<TokenLabels>
  readonly firstChunk: Histogram<CallLabels>
  readonly perChunk: Histogram<CallLabels>
  readonly cost: Counter<CostLabels>
  readonly errors: Counter<ErrorLabels>
  readonly unparsed: Counter<UnparsedLabels>
}

const known = new WeakMap<Catalogue, GenAiMetrics>()

/**
 * Returns the metrics in `catalogue`, the same ones each time: several clients share them.
 *
 * @throws TypeError when the catalogue has metrics of these names from somebody else.
 */
export function metricsIn(catalogue: Catalogue): GenAiMetrics {
  const metrics = known.get(catalogue) ?? createMetrics(catalogue)
  known.set(catalogue, metrics)
  return metrics
}

/** The names are OpenTelemetry's with their units, as its Prometheus exporters write them, and have no prefix of the app's. */
function createMetrics(catalogue: Catalogue): GenAiMetrics {
  const family = { prefix: '', maxChildren }
  const seconds = { ...family, buckets: secondsBuckets }
  return {
    duration: catalogue.histogram({
      ...seconds,
      name: 'gen_ai_client_operation_duration_seconds',
      help: 'Duration of calls to models, to the end of the response, in seconds.',
      labels: { ...callLabels, error_type: { open: 50 } },
    }),
    tokens: catalogue.histogram({
      ...family,
      buckets: tokenBuckets,
      name: 'gen_ai_client_token_usage',
      help: 'Tokens of the input and output of calls to models.',
      labels: { ...callLabels, gen_ai_token_type: ['input', 'output'] },
    }),
    firstChunk: catalogue.histogram({
      ...seconds,
      name: 'gen_ai_client_operation_time_to_first_chunk_seconds',
      help: 'Time from the request to the first chunk of a streamed response, in seconds.',
      labels: callLabels,
    }),
    perChunk: catalogue.histogram({
      ...seconds,
      name: 'gen_ai_client_operation_time_per_output_chunk_seconds',
      help: 'Time between the chunks of a streamed response, in seconds.',
      labels: callLabels,
    }),
    cost: catalogue.counter({
      ...family,
      name: 'gen_ai_client_cost_total',
      help: 'Cost of calls to models, by the prices that the app gave.',
      labels: { ...callLabels, currency: { open: 5 } },
    }),
    errors: catalogue.counter({
      prefix: '',
      name: 'honoscope_gen_ai_errors_total',
      help: 'Failures in observing calls to models, which reached no call.',
      labels: { step: steps },
    }),
    unparsed: catalogue.counter({
      prefix: '',
      name: 'honoscope_gen_ai_unparsed_total',
      help: 'Bodies and events of calls to models that could not be read.',
      labels: { part: ['request', 'response'], reason: unparsedReasons },
    }),
  }
}
