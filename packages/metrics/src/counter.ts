import type { CounterSeries, TraceContext } from '@honoscope/core'
import { createPlace, slotOf } from './children.ts'
import type { Definition } from './definition.ts'
import type { Losses, Recording, Snapshot } from './family.ts'
import { createScalar, scalarSnapshot } from './scalar.ts'

/** A counter without its types: `labels` is left out by one that has none. */
export interface RawCounter {
  inc(labels?: unknown, value?: unknown): void
  set(labels?: unknown, total?: unknown): void
  series(labels?: unknown): CounterSeries
}

/** A counter's recording methods, and what a scrape needs of it. */
export interface CounterParts {
  readonly metric: RawCounter
  snapshot(): Snapshot
  reset(): void
}

/** Makes a counter. */
export function createCounter(definition: Definition, losses: Losses, recording: Recording): CounterParts {
  let scalar = createScalar(definition, losses, recording, definition.init)
  const traced = recording.traceContext !== undefined

  const add = (slot: number, value: unknown, trace?: TraceContext): void => {
    if (typeof value !== 'number' || !(value >= 0) || value === Number.POSITIVE_INFINITY) {
      losses.dropped()
      return
    }
    scalar.values[slot] = (scalar.values[slot] as number) + value
    if (traced || trace !== undefined) scalar.exemplars.record(slot, value, trace)
  }
  const put = (slot: number, total: unknown): void => {
    if (typeof total !== 'number' || !(total >= 0) || total === Number.POSITIVE_INFINITY) {
      losses.dropped()
      return
    }
    scalar.values[slot] = total
  }
  const series = (labels: unknown): CounterSeries => {
    const place = createPlace(labels, scalar.children)
    return {
      inc: (value = 1, trace) => add(slotOf(place, scalar.children), value, trace),
      set: (total) => put(slotOf(place, scalar.children), total),
    }
  }
  const labelled: RawCounter = {
    inc: (labels, value = 1) => add(scalar.children.slot(labels), value),
    set: (labels, total) => put(scalar.children.slot(labels), total),
    series,
  }
  const plain: RawCounter = {
    inc: (value = 1) => add(scalar.children.slot(undefined), value),
    set: (total) => put(scalar.children.slot(undefined), total),
    series: () => series(undefined),
  }
  return {
    metric: definition.labelNames.length === 0 ? plain : labelled,
    snapshot: () => scalarSnapshot(definition, scalar),
    reset: () => {
      scalar = createScalar(definition, losses, recording, definition.init)
    },
  }
}
