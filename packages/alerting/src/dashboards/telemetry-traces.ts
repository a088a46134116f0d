import { suiteCatalogue } from '../catalogues/index.ts'
import { sum } from '../promql/aggregate.ts'
import { div } from '../promql/operators.ts'
import { not, selectFrom } from '../promql/select.ts'
import { perSecond, quantiles } from './expressions.ts'
import { chosen } from './series.ts'
import type { RowSpec } from './spec.ts'

const series = selectFrom(suiteCatalogue)
const failed = { ...chosen, error_type: not('') }

export const tracing: RowSpec = {
  title: 'Traces (of processes that trace)',
  lines: [
    [
      {
        title: 'Spans by what the sampler said',
        description: 'Spans a second. The part of RECORD_AND_SAMPLE is the ratio that was configured.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('otel_sdk_span_started_total', chosen), ['otel_span_sampling_result']),
            legend: '{{otel_span_sampling_result}}',
          },
        ],
        stacked: true,
      },
      {
        title: 'Spans lost',
        description:
          'Spans a second that were dropped for a full queue, or could not be exported. 0 is normal; more than that for ten minutes and TelemetryDropping fires.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('otel_sdk_processor_span_processed_total', failed), ['error_type']),
            legend: 'dropped: {{error_type}}',
          },
          {
            expr: perSecond(series('otel_sdk_exporter_span_exported_total', failed), ['error_type']),
            legend: 'not exported: {{error_type}}',
          },
        ],
        limits: { warning: 0.001 },
      },
      {
        title: 'Queue',
        description:
          'Part of the queue that is filled. Below 50 % is normal; full, and spans are dropped: the collector is slow or gone.',
        unit: 'percentunit',
        queries: [
          {
            expr: div(
              series('otel_sdk_processor_span_queue_size', chosen),
              series('otel_sdk_processor_span_queue_capacity', chosen),
            ),
            legend: '{{job}} {{instance}}',
          },
        ],
        limits: { warning: 0.5, critical: 0.9 },
        max: 1,
      },
    ],
    [
      {
        title: 'Duration of an export',
        description: 'How long one attempt to export takes. Some ten milliseconds are normal; 10 s is the timeout.',
        unit: 's',
        queries: quantiles(series('otel_sdk_exporter_operation_duration_seconds_bucket', chosen)),
        limits: { warning: 1, critical: 5 },
      },
      {
        title: 'Requests kept in spite of the sampler',
        description:
          'Unsampled requests a second that were exported for an error or slowness. "evicted" is to be 0: those were forgotten before they ended.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('honoscope_tracing_kept_requests_total', chosen), ['reason']),
            legend: '{{reason}}',
          },
        ],
      },
    ],
  ],
}

export const audit: RowSpec = {
  title: 'Audit (TokMesh)',
  lines: [
    [
      {
        title: 'Audit entries',
        description:
          'Entries a second by what became of them. Only "written" is normal: each other one is missing in the audit.',
        unit: 'ops',
        queries: [
          { expr: perSecond(series('honoscope_audit_entries_total', chosen), ['result']), legend: '{{result}}' },
        ],
      },
      {
        title: 'Audit entries that wait',
        description: 'Entries in the queue. Near 0 is normal; a climb means that the database does not take them.',
        unit: 'short',
        queries: [
          {
            expr: sum(series('honoscope_audit_queue_entries', chosen), { by: ['job', 'instance'] }),
            legend: '{{job}} {{instance}}',
          },
        ],
        limits: { warning: 1000 },
      },
    ],
  ],
}
