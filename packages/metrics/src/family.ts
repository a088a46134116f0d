import type { TraceContext } from '@honoscope/core'
import type { Definition } from './definition.ts'
import type { Writer } from './writer.ts'

/** The samples of one metric, as a scrape sees them. */
export interface Snapshot {
  /** Children, numbered from 0. */
  readonly children: number
  /** Time series that a child is made of. */
  readonly seriesPerChild: number
  /** Writes the lines of one child, each with its line feed. `extra`: label pairs to add, or `''`. */
  write(writer: Writer, child: number, openMetrics: boolean, extra: string): void
  /** The same for prom-client's registry. */
  samples(child: number): Sample[]
}

/** One sample in the form that prom-client's registry works with. */
export interface Sample {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  readonly metricName?: string
}

/** One metric of the catalogue behind its recording methods. */
export interface Family extends Definition {
  /** Upper bounds of a histogram, without `+Inf`. */
  readonly buckets?: readonly number[]
  /** What there is now; later observations may or may not show in it, but never in half of a child. */
  snapshot(): Snapshot
  /** Back to how it was made. */
  reset(): void
  /** Sets the values before a scrape. */
  readonly collect: (() => unknown) | undefined
}

/** Where a metric tells what it could not take. */
export interface Losses {
  /** A value was no number, or one that this type of metric can't take. */
  dropped(): void
  /** A label's value became `other`. */
  folded(label: string): void
}

/** What the metrics of one catalogue share. */
export interface Recording {
  readonly losses: (metric: string) => Losses
  /** Current span, for exemplars; `undefined` when nobody asked for exemplars. */
  readonly traceContext: (() => TraceContext | undefined) | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Returns `values`, or a copy of twice the size when `size` no longer fits. */
export function grown(values: Float64Array, size: number): Float64Array {
  if (size <= values.length) return values
  const larger = new Float64Array(Math.max(size, values.length * 2))
  larger.set(values)
  return larger
}
