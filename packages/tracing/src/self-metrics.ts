import type { Catalogue, HistogramSeries } from '@honoscope/core'
import type { Decision } from './engine.ts'
import type { FailureReason, SendResult } from './exporter.ts'
import type { BatchEvents, DropReason } from './exporter-batch.ts'
import type { KeepReason } from './keep.ts'

/** Plain counts, so that what happens to a span costs an addition; a scrape reads them. */
export interface Tally {
  readonly started: Record<Decision, number>
  readonly processed: Record<'' | DropReason, number>
  readonly exported: Record<'' | FailureReason, number>
  readonly kept: Record<KeepReason | 'evicted', number>
}

/** Returns counts that all are 0. */
export function createTally(): Tally {
  return {
    started: { drop: 0, record: 0, sample: 0 },
    processed: { '': 0, queue_full: 0, already_shutdown: 0 },
    exported: { '': 0, rejected: 0, timeout: 0, unreachable: 0, unavailable: 0, failed: 0 },
    kept: { error: 0, slow: 0, evicted: 0 },
  }
}

/** Returns what a batch tells `tally`, `observe` and, of failures, `fail`. */
export function countEvents(
  tally: Tally,
  observe: ((reason: '' | FailureReason, durationMs: number) => void) | undefined,
  fail: (detail: string) => void,
): BatchEvents {
  return {
    onDrop: (reason, count) => {
      tally.processed[reason] += count
    },
    onAttempt: (result, durationMs) => {
      quietly(() => observe?.(result.ok ? '' : result.reason, durationMs))
      if (!result.ok) quietly(() => fail(result.detail))
    },
    onSettled: (result: SendResult, count) => {
      tally.processed[''] += count
      const refused = result.ok ? Math.min(result.rejected, count) : 0
      tally.exported[result.ok ? '' : result.reason] += count - refused
      tally.exported.rejected += refused
    },
  }
}

/** A catalogue or a log of the user's that throws must not stop the export. */
function quietly(tell: () => void): void {
  try {
    tell()
  } catch {
    // There is nobody left to tell.
  }
}

/** What is read at a scrape. */
export interface Gauges {
  readonly queueSize: () => number
  readonly queueCapacity: number
}

const samplingResults = { drop: 'DROP', record: 'RECORD_ONLY', sample: 'RECORD_AND_SAMPLE' } as const

/**
 * Registers the self-telemetry, by the names of OpenTelemetry's semantic conventions for SDK metrics as Prometheus
 * writes them, and returns what takes the duration of an export. An empty `error_type` is an absent one: success.
 */
export function registerSelfMetrics(
  metrics: Catalogue,
  tally: Tally,
  gauges: Gauges,
): (reason: '' | FailureReason, durationMs: number) => void {
  registerCounter(metrics, {
    name: 'otel_sdk_span_started_total',
    help: 'Spans by what the sampler said; DROP: not sampled and not made.',
    label: 'otel_span_sampling_result',
    counts: () => Object.entries(tally.started).map(([key, count]) => [samplingResults[key as Decision], count]),
  })
  registerCounter(metrics, {
    name: 'otel_sdk_processor_span_processed_total',
    help: 'Ended spans that went to the exporter, or were dropped for the reason in error_type.',
    label: 'error_type',
    counts: () => Object.entries(tally.processed),
  })
  registerCounter(metrics, {
    name: 'otel_sdk_exporter_span_exported_total',
    help: 'Spans whose export is over: arrived, or failed for the reason in error_type.',
    label: 'error_type',
    counts: () => Object.entries(tally.exported),
  })
  registerCounter(metrics, {
    name: 'honoscope_tracing_kept_requests_total',
    help: 'Unsampled requests that were exported for an error or slowness, or evicted from the buffer before they ended.',
    label: 'reason',
    counts: () => Object.entries(tally.kept),
  })
  registerQueue(metrics, gauges)
  return registerDuration(metrics, Object.keys(tally.exported))
}

interface CounterSource {
  readonly name: string
  readonly help: string
  readonly label: string
  readonly counts: () => readonly (readonly [value: string, count: number])[]
}

function registerCounter(metrics: Catalogue, { name, help, label, counts }: CounterSource): void {
  metrics.counter<Record<string, readonly string[]>>({
    name,
    help,
    prefix: '',
    labels: { [label]: counts().map(([value]) => value) },
    collect: (counter) => {
      for (const [value, count] of counts()) counter.set({ [label]: value }, count)
    },
  })
}

function registerQueue(metrics: Catalogue, { queueSize, queueCapacity }: Gauges): void {
  metrics.gauge({
    name: 'otel_sdk_processor_span_queue_size',
    help: 'Spans that wait for export or are being exported.',
    prefix: '',
    collect: (gauge) => gauge.set(queueSize()),
  })
  metrics.gauge({
    name: 'otel_sdk_processor_span_queue_capacity',
    help: 'Most spans that the queue holds.',
    prefix: '',
    collect: (gauge) => gauge.set(queueCapacity),
  })
}

function registerDuration(
  metrics: Catalogue,
  reasons: readonly string[],
): (reason: '' | FailureReason, durationMs: number) => void {
  const histogram = metrics.histogram<{ error_type: readonly string[] }>({
    name: 'otel_sdk_exporter_operation_duration_seconds',
    help: 'Duration of one attempt to export a batch.',
    prefix: '',
    labels: { error_type: reasons },
    init: false,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  })
  const series = new Map<string, HistogramSeries>()
  return (reason, durationMs) => {
    const known = series.get(reason) ?? histogram.series({ error_type: reason })
    series.set(reason, known)
    known.observe(durationMs / 1000)
  }
}
