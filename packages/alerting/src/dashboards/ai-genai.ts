import { genaiCatalogue, iacCatalogue } from '../catalogues/index.ts'
import { div } from '../promql/operators.ts'
import { not, selectFrom } from '../promql/select.ts'
import { distribution, perSecond, quantile } from './expressions.ts'
import { chosen } from './series.ts'
import type { RowSpec } from './spec.ts'

const series = selectFrom(genaiCatalogue)
const calls = series('gen_ai_client_operation_duration_seconds_count', chosen)
const failed = series('gen_ai_client_operation_duration_seconds_count', { ...chosen, error_type: not('') })
const durations = series('gen_ai_client_operation_duration_seconds_bucket', chosen)
const model = ['gen_ai_provider_name', 'gen_ai_request_model'] as const
const named = '{{gen_ai_provider_name}} {{gen_ai_request_model}}'

export const genai: RowSpec = {
  title: "Models (OpenTelemetry's gen_ai metrics)",
  lines: [
    [
      {
        title: 'Calls by model',
        description: 'Calls a second. They follow the users; a model that falls alone was switched off or refuses us.',
        unit: 'reqps',
        queries: [{ expr: perSecond(calls, model), legend: named }],
        stacked: true,
      },
      {
        title: 'Failed calls',
        description:
          'Part of the calls to each model that failed, by what failed; no line: none. 429: our quota; timeouts and 5xx: the provider.',
        unit: 'percentunit',
        queries: [
          {
            expr: div(perSecond(failed, [...model, 'error_type']), perSecond(calls, model), {
              on: model,
              groupLeft: [],
            }),
            legend: `${named}: {{error_type}}`,
          },
        ],
        limits: { warning: 0.01, critical: 0.05 },
      },
      {
        title: 'Tokens',
        description:
          'Tokens a second of input and output. Input that grows while calls do not: conversations or prompts have become longer.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('gen_ai_client_token_usage_sum', chosen), [...model, 'gen_ai_token_type']),
            legend: `${named} {{gen_ai_token_type}}`,
          },
        ],
        stacked: true,
      },
      {
        title: 'Cost',
        description:
          'Money a second, by the prices that the app was given; times 86,400 for a day. A step without more users is worth a look.',
        unit: 'short',
        queries: [
          {
            expr: perSecond(series('gen_ai_client_cost_total', chosen), ['currency', ...model]),
            legend: `${named} in {{currency}}`,
          },
        ],
        stacked: true,
      },
    ],
    [
      {
        title: 'Duration, P95',
        description:
          'To the end of the response. Seconds are normal; a model whose line leaves the others is overloaded. The points are calls with a trace.',
        unit: 's',
        queries: [{ expr: quantile(0.95, durations, model), legend: named }],
        limits: { warning: 10, critical: 30 },
        exemplars: true,
      },
      {
        title: 'First chunk, P95',
        description: 'Until a streamed response begins: what a user waits for. Below 2 s is pleasant.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, series('gen_ai_client_operation_time_to_first_chunk_seconds_bucket', chosen), model),
            legend: named,
          },
        ],
        limits: { warning: 2, critical: 5 },
        exemplars: true,
      },
      {
        title: 'Between chunks, P95',
        description: 'How fast a streamed response goes on. Below 100 ms is faster than one reads.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, series('gen_ai_client_operation_time_per_output_chunk_seconds_bucket', chosen), model),
            legend: named,
          },
        ],
        limits: { warning: 0.2, critical: 1 },
      },
      {
        title: 'Distribution of durations',
        kind: 'heatmap',
        description: 'Calls by duration. Short and long answers make a wide band; a line at the top is a timeout.',
        unit: 's',
        queries: distribution(durations),
        exemplars: true,
      },
    ],
  ],
}

const ours = selectFrom(iacCatalogue)

export const genaiSelf: RowSpec = {
  title: 'What was not recorded',
  lines: [
    [
      {
        title: 'Responses that could not be read',
        description:
          'Bodies and events a second. 0 is normal; a new kind of response of a provider, or one above the limit.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('honoscope_gen_ai_unparsed_total', chosen), ['part', 'reason']),
            legend: '{{part}} {{reason}}',
          },
        ],
        limits: { warning: 0.001 },
      },
      {
        title: 'Failures in observing',
        description: 'Failures a second; no call was harmed. 0 is normal.',
        unit: 'ops',
        queries: [
          { expr: perSecond(series('honoscope_gen_ai_errors_total', chosen), ['step']), legend: 'gen_ai {{step}}' },
          {
            expr: perSecond(ours('honoscope_ai_dropped_calls_total', chosen), ['function']),
            legend: 'no number at {{function}}',
          },
        ],
        limits: { warning: 0.001 },
      },
      {
        title: 'Label values that became "other"',
        description: 'Values a second above what a label of the iac_* family may have. 0 is normal.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(ours('honoscope_ai_label_overflow_total', chosen), ['metric', 'label']),
            legend: '{{metric}} {{label}}',
          },
        ],
        limits: { warning: 0.001 },
      },
    ],
  ],
}
