import { suiteCatalogue } from '../catalogues/generated/suite.ts'
import { sum } from '../promql/aggregate.ts'
import type { Expression } from '../promql/expression.ts'
import { rate } from '../promql/functions.ts'
import { gt } from '../promql/operators.ts'
import { not } from '../promql/select.ts'
import { defineRules, type RuleTools } from '../rules/define-rules.ts'
import type { AlertRule } from '../rules/rule.ts'
import type { Bundle } from './bundle.ts'

const component = 'telemetry'

/** What the suite tells about itself: whether what it shows can be trusted. */
export const telemetry: Bundle = {
  name: 'telemetry',
  description: 'The telemetry itself: too many series, and spans, values or labels that are lost.',
  catalogue: suiteCatalogue,
  rules: defineRules(suiteCatalogue, (tools) => [
    tools.group('telemetry', [
      tools.alert('MetricSeriesExplosion', {
        expr: gt(sum(tools.metric('honoscope_series'), { by: ['job', 'instance'] }), 10_000),
        for: '5m',
        severity: 'warning',
        component,
        summary: '{{ $labels.job }}: {{ $labels.instance }} exports too many series',
        description:
          '{{ $value | humanize }} time series from one process. Users notice nothing; Prometheus takes memory for ' +
          'each, and is killed when there is none left.',
      }),
      ...dropping(tools),
    ]),
  ]),
}

/** One alert for all that is lost; the label `signal` tells what. */
function dropping({ metric, alert }: RuleTools<typeof suiteCatalogue>): readonly AlertRule[] {
  const lost = (signal: string, expr: Expression, what: string) =>
    alert('TelemetryDropping', {
      expr: gt(expr, 0),
      for: '10m',
      severity: 'warning',
      component,
      summary: `{{ $labels.job }}: {{ $labels.instance }} loses telemetry (${signal})`,
      description: `{{ $value | humanize }} ${what} Users notice nothing, but what is shown of the service is not all.`,
      labels: { signal },
    })
  const error_type = not('')
  const dropped = rate(metric('otel_sdk_processor_span_processed_total', { error_type }), '5m')
  const unsent = rate(metric('otel_sdk_exporter_span_exported_total', { error_type }), '5m')
  const hooks = rate(metric('honoscope_instrument_errors_total'), '5m')
  const folded = rate(metric('honoscope_label_overflow_total'), '5m')
  const values = rate(metric('honoscope_dropped_observations_total'), '5m')
  const collectors = rate(metric('honoscope_collector_errors_total'), '5m')
  const reason = { by: ['job', 'instance', 'error_type'] } as const
  const ofMetric = { by: ['job', 'instance', 'metric'] } as const
  return [
    lost('spans', sum(dropped, reason), 'spans a second are dropped before their export: {{ $labels.error_type }}.'),
    lost('export', sum(unsent, reason), 'spans a second cannot be exported: {{ $labels.error_type }}.'),
    lost(
      'instruments',
      sum(hooks, { by: ['job', 'instance', 'instrument', 'hook'] }),
      'times a second the hook {{ $labels.hook }} of {{ $labels.instrument }} fails.',
    ),
    lost(
      'labels',
      sum(folded, { by: ['job', 'instance', 'metric', 'label'] }),
      'values a second of {{ $labels.label }} of {{ $labels.metric }} become "other".',
    ),
    lost('observations', sum(values, ofMetric), 'values a second are none that {{ $labels.metric }} can take.'),
    lost('collectors', sum(collectors, ofMetric), 'times a second {{ $labels.metric }} is missing from a scrape.'),
  ]
}
