import { createMetrics, type Metrics } from '@honoscope/metrics'
import { type ExpositionSample, samplesOf } from '@honoscope/testing'
import type { Span, SpanOptions, Tracer } from '@opentelemetry/api'

/** A span that has been made. */
export interface RecordedSpan {
  readonly name: string
  readonly kind: number | undefined
  readonly attributes: Record<string, unknown>
  status: number | undefined
  ends: number
}

/** A tracer that keeps its spans. */
export interface RecordingTracer extends Tracer {
  readonly spans: RecordedSpan[]
}

/** Returns one. `sampled: false` makes spans that record nothing, as a sampler would. */
export function recordingTracer({ sampled = true }: { readonly sampled?: boolean } = {}): RecordingTracer {
  const spans: RecordedSpan[] = []
  const startSpan = (name: string, options: SpanOptions = {}): Span => {
    const record: RecordedSpan = {
      name,
      kind: options.kind,
      attributes: { ...options.attributes },
      status: undefined,
      ends: 0,
    }
    spans.push(record)
    const span: Span = {
      spanContext: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: sampled ? 1 : 0 }),
      setAttribute: (key, value) => span.setAttributes({ [key]: value }),
      setAttributes(values) {
        Object.assign(record.attributes, values)
        return span
      },
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      setStatus({ code }) {
        record.status = code
        return span
      },
      updateName: () => span,
      end() {
        record.ends++
      },
      isRecording: () => sampled,
      recordException() {},
    }
    return span
  }
  return {
    spans,
    startSpan,
    startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: readonly unknown[]): ReturnType<F> {
      const work = rest.at(-1) as (span: Span) => ReturnType<F>
      return work(startSpan(name, rest.length > 1 ? (rest[0] as SpanOptions) : {}))
    },
  }
}

/** Metrics that can be asked. */
export interface RecordingMetrics {
  readonly metrics: Metrics
  /** The samples of that name whose labels are among others those. */
  samples(name: string, labels?: Readonly<Record<string, string>>): Promise<readonly ExpositionSample[]>
  /** Their sum. */
  value(name: string, labels?: Readonly<Record<string, string>>): Promise<number>
}

/** Returns some, with nothing in them. */
export function recordingMetrics(): RecordingMetrics {
  const metrics = createMetrics({ runtime: false, prefix: 'shop_' })
  const samples = async (name: string, labels: Readonly<Record<string, string>> = {}) =>
    samplesOf(await metrics.render()).filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
  return {
    metrics,
    samples,
    value: async (name, labels) => (await samples(name, labels)).reduce((sum, sample) => sum + sample.value, 0),
  }
}
