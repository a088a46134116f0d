import type { GaugeSeries } from '@honoscope/core'
import { createPlace, slotOf } from './children.ts'
import type { Definition } from './definition.ts'
import type { Losses, Recording, Snapshot } from './family.ts'
import { createScalar, scalarSnapshot } from './scalar.ts'

/** A gauge without its types: `labels` is left out by one that has none. */
export interface RawGauge {
  set(labels?: unknown, value?: unknown): void
  inc(labels?: unknown, value?: unknown): void
  dec(labels?: unknown, value?: unknown): void
  series(labels?: unknown): GaugeSeries
  reset(): void
}

/** A gauge's recording methods, and what a scrape needs of it. */
export interface GaugeParts {
  readonly metric: RawGauge
  snapshot(): Snapshot
  reset(): void
}

/** Makes a gauge. */
export function createGauge(definition: Definition, losses: Losses, recording: Recording): GaugeParts {
  const fresh = (init: boolean) => createScalar(definition, losses, recording, init)
  let scalar = fresh(definition.init)

  const put = (slot: number, value: unknown): void => {
    if (typeof value !== 'number' || Number.isNaN(value)) {
      losses.dropped()
      return
    }
    scalar.values[slot] = value
  }
  const add = (slot: number, value: unknown, sign: 1 | -1): void => {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      losses.dropped()
      return
    }
    scalar.values[slot] = (scalar.values[slot] as number) + sign * value
  }
  const series = (labels: unknown): GaugeSeries => {
    const place = createPlace(labels, scalar.children)
    return {
      set: (value) => put(slotOf(place, scalar.children), value),
      inc: (value = 1) => add(slotOf(place, scalar.children), value, 1),
      dec: (value = 1) => add(slotOf(place, scalar.children), value, -1),
    }
  }
  const reset = (): void => {
    scalar = fresh(false)
  }
  const labelled: RawGauge = {
    set: (labels, value) => put(scalar.children.slot(labels), value),
    inc: (labels, value = 1) => add(scalar.children.slot(labels), value, 1),
    dec: (labels, value = 1) => add(scalar.children.slot(labels), value, -1),
    series,
    reset,
  }
  const plain: RawGauge = {
    set: (value) => put(scalar.children.slot(undefined), value),
    inc: (value = 1) => add(scalar.children.slot(undefined), value, 1),
    dec: (value = 1) => add(scalar.children.slot(undefined), value, -1),
    series: () => series(undefined),
    reset,
  }
  return {
    metric: definition.labelNames.length === 0 ? plain : labelled,
    snapshot: () => scalarSnapshot(definition, scalar),
    reset: () => {
      scalar = fresh(definition.init)
    },
  }
}
