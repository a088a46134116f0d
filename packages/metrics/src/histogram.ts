import type { HistogramSeries, TraceContext } from '@honoscope/core'
import { type Children, createChildren, trackSlot } from './children.ts'
import type { Definition } from './definition.ts'
import { createExemplars, type Exemplars } from './exemplars.ts'
import { grown, type Losses, type Recording, type Snapshot } from './family.ts'
import { histogramSnapshot } from './histogram-snapshot.ts'

/** Seconds, from 5 ms to 10 s: what prom-client and the Go client take when nothing else is said. */
export const defaultBuckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A histogram without its types: `labels` is left out by one that has none. */
export interface RawHistogram {
  observe(labels?: unknown, value?: unknown): void
  series(labels?: unknown): HistogramSeries
}

/** A histogram's recording methods, and what a scrape needs of it. */
export interface HistogramParts {
  readonly metric: RawHistogram
  snapshot(): Snapshot
  reset(): void
}

/** The children of a histogram. A reset puts a new one in its place. */
export interface Distribution {
  readonly children: Children
  readonly exemplars: Exemplars
  /** Observations of each bucket alone, `bounds.length + 1` numbers for each slot. Replaced when it grows. */
  readonly counts: Float64Array
  /** By slot. Replaced when it grows. */
  readonly sums: Float64Array
}

/** Makes a histogram. `bounds` are checked already. */
export function createHistogram(
  definition: Definition,
  bounds: readonly number[],
  losses: Losses,
  recording: Recording,
): HistogramParts {
  const stride = bounds.length + 1
  const traced = recording.traceContext !== undefined
  const smallest = (bounds[0] as number) < 0 ? Number.NEGATIVE_INFINITY : 0
  let distribution = createDistribution(definition, stride, losses, recording)

  const record = (slot: number, value: unknown, trace?: TraceContext): void => {
    if (typeof value !== 'number' || !(value >= smallest) || !Number.isFinite(value)) {
      losses.dropped()
      return
    }
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
    const { counts, sums } = distribution
    counts[slot * stride + bucket] = (counts[slot * stride + bucket] as number) + 1
    sums[slot] = (sums[slot] as number) + value
    if (traced || trace !== undefined) distribution.exemplars.record(slot * stride + bucket, value, trace)
  }
  const series = (labels: unknown): HistogramSeries => {
    const slot = trackSlot(labels, () => distribution.children)
    return { observe: (value, trace) => record(slot(), value, trace) }
  }
  const labelled: RawHistogram = {
    observe: (labels, value) => record(distribution.children.slot(labels), value),
    series,
  }
  const plain: RawHistogram = {
    observe: (value) => record(distribution.children.slot(undefined), value),
    series: () => series(undefined),
  }
  return {
    metric: definition.labelNames.length === 0 ? plain : labelled,
    snapshot: () => histogramSnapshot(definition.name, bounds, distribution),
    reset: () => {
      distribution = createDistribution(definition, stride, losses, recording)
    },
  }
}

function createDistribution(
  definition: Definition,
  stride: number,
  losses: Losses,
  recording: Recording,
): Distribution {
  const store = { counts: new Float64Array(stride) as Float64Array, sums: new Float64Array(1) as Float64Array }
  const children = createChildren({
    labels: definition.labels,
    maxChildren: definition.maxChildren,
    init: definition.init,
    onFold: losses.folded,
    onGrow: (size) => {
      store.counts = grown(store.counts, size * stride)
      store.sums = grown(store.sums, size)
    },
  })
  return Object.assign(store, { children, exemplars: createExemplars(recording) })
}
