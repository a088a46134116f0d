import type { HistogramSeries, TraceContext } from '@honoscope/core'
import { type Children, createChildren, createPlace, slotOf } from './children.ts'
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

/**
 * The children of a histogram, and all that {@link record} needs. A reset puts a new one in its place.
 *
 * One record of one shape, read by one function, and not the variables of a closure: so an engine compiles recording
 * once for all histograms.
 */
export interface Distribution {
  readonly children: Children
  readonly exemplars: Exemplars
  /** Exemplars are wanted whether or not the caller gives a span. */
  readonly traced: boolean
  readonly losses: Losses
  /** A value below this is none. */
  readonly smallest: number
  readonly bounds: Float64Array
  /** Index of a bound half way: from there a value above it is looked for. */
  readonly middle: number
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
  let current = createDistribution(definition, bounds, losses, recording)

  const series = (labels: unknown): HistogramSeries => {
    const place = createPlace(labels, current.children)
    return { observe: (value, trace) => record(current, slotOf(place, current.children), value, trace) }
  }
  const labelled: RawHistogram = {
    observe: (labels, value) => record(current, current.children.slot(labels), value),
    series,
  }
  const plain: RawHistogram = {
    observe: (value) => record(current, current.children.slot(undefined), value),
    series: () => series(undefined),
  }
  return {
    metric: definition.labelNames.length === 0 ? plain : labelled,
    snapshot: () => histogramSnapshot(definition.name, bounds, current),
    reset: () => {
      current = createDistribution(definition, bounds, losses, recording)
    },
  }
}

function record(to: Distribution, slot: number, value: unknown, trace?: TraceContext): void {
  // Both ends in one go: NaN and the infinities are outside of them.
  if (typeof value !== 'number' || !(value >= to.smallest && value <= Number.MAX_VALUE)) {
    to.losses.dropped()
    return
  }
  const { bounds, counts, sums } = to
  let bucket = value > (bounds[to.middle] as number) ? to.middle + 1 : 0
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
  const at = slot * (bounds.length + 1) + bucket
  counts[at] = (counts[at] as number) + 1
  sums[slot] = (sums[slot] as number) + value
  if (to.traced || trace !== undefined) to.exemplars.record(at, value, trace)
}

function createDistribution(
  definition: Definition,
  bounds: readonly number[],
  losses: Losses,
  recording: Recording,
): Distribution {
  const stride = bounds.length + 1
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
  return Object.assign(store, {
    children,
    exemplars: createExemplars(recording),
    traced: recording.traceContext !== undefined,
    losses,
    smallest: (bounds[0] as number) < 0 ? -Number.MAX_VALUE : 0,
    bounds: Float64Array.from(bounds),
    middle: (bounds.length - 1) >> 1,
  })
}
