import type { RuleCase } from '../case.ts'
import { rising } from './shared.ts'

const process = 'job="shop",instance="a:1"'
const ofProcess = { severity: 'warning', component: 'telemetry', job: 'shop', instance: 'a:1' }

const losing = (signal: string, metric: string, labels: Readonly<Record<string, string>>): RuleCase => {
  const own = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const series = `${metric}{${[process, ...own].join(',')}}`
  return {
    alert: 'TelemetryDropping',
    firing: { series: { [series]: rising(120) }, labels: { ...ofProcess, ...labels, signal }, value: '2' },
    // It was lost once, and no more.
    silent: [{ series: { [series]: '0x3 500x20' } }],
  }
}

/** Cases of the bundle `telemetry`. */
export const telemetryCases: readonly RuleCase[] = [
  {
    alert: 'MetricSeriesExplosion',
    firing: {
      series: {
        [`honoscope_series{${process},metric="a"}`]: '9000x20',
        [`honoscope_series{${process},metric="b"}`]: '1001x20',
      },
      labels: ofProcess,
      value: '10k',
    },
    silent: [
      // Two processes with 10,000 each.
      {
        series: {
          [`honoscope_series{${process},metric="a"}`]: '10000x20',
          'honoscope_series{job="shop",instance="b:1",metric="a"}': '10000x20',
        },
      },
    ],
  },
  losing('spans', 'otel_sdk_processor_span_processed_total', { error_type: 'queue_full' }),
  losing('export', 'otel_sdk_exporter_span_exported_total', { error_type: 'unreachable' }),
  losing('instruments', 'honoscope_instrument_errors_total', { instrument: 'metrics', hook: 'end' }),
  losing('labels', 'honoscope_label_overflow_total', { metric: 'm', label: 'route' }),
  losing('observations', 'honoscope_dropped_observations_total', { metric: 'm' }),
  losing('collectors', 'honoscope_collector_errors_total', { metric: 'm' }),
]
