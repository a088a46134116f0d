import { type CounterParts, createCounter } from './counter.ts'
import { type DefinitionOptions, define } from './definition.ts'
import type { Family, Losses } from './family.ts'
import { createGauge, type RawGauge } from './gauge.ts'
import { open } from './labels.ts'

/** What the catalogue tells about itself. */
export interface SelfMetrics {
  /** To be registered with the rest. */
  readonly families: readonly Family[]
  /** Where a metric's losses are counted. */
  losses(metric: string): Losses
  /** A collector threw or did not end in time. */
  collectorFailed(metric: string): void
  /** A hook of an instrument failed. */
  instrumentFailed(instrument: string, hook: string): void
  /** How many time series a metric has now. */
  countSeries(metric: string, series: number): void
  /** Forgets the counts of series, before they are counted anew. */
  clearSeries(): void
}

const metricNames = { metric: open(2_000) }
const noLosses: Losses = { dropped() {}, folded() {} }
const recording = { losses: () => noLosses, traceContext: undefined, now: () => 0 }

/** Makes the `honoscope_*` metrics. What they can't take themselves is not counted anywhere. */
export function createSelfMetrics(): SelfMetrics {
  const families: Family[] = []
  const counter = (options: DefinitionOptions): CounterParts['metric'] => {
    const definition = define('counter', options, 'honoscope_')
    const { metric, ...parts } = createCounter(definition, noLosses, recording)
    families.push({ ...definition, ...parts, collect: undefined })
    return metric
  }
  const gauge = (options: DefinitionOptions): RawGauge => {
    const definition = define('gauge', options, 'honoscope_')
    const { metric, ...parts } = createGauge(definition, noLosses, recording)
    families.push({ ...definition, ...parts, collect: undefined })
    return metric
  }

  const overflow = counter({
    name: 'label_overflow_total',
    help: 'Label values that became "other": above open(max), or not in the closed list. Label "*": above maxChildren.',
    labels: { metric: open(2_000), label: open(200) },
  })
  const dropped = counter({
    name: 'dropped_observations_total',
    help: 'Values that the metric could not take: not a number, infinite, or negative where that can not be.',
    labels: metricNames,
  })
  const collectors = counter({
    name: 'collector_errors_total',
    help: 'Collectors that threw or did not end in time; their metric was left out of that scrape.',
    labels: metricNames,
  })
  const instruments = counter({
    name: 'instrument_errors_total',
    help: 'Hooks of instruments that threw or rejected.',
    labels: { instrument: open(20), hook: ['start', 'around', 'respond', 'end'] },
  })
  const series = gauge({ name: 'series', help: 'Time series of each metric at the last scrape.', labels: metricNames })

  return {
    families,
    losses: (metric) => ({
      dropped: () => dropped.inc({ metric }),
      folded: (label) => overflow.inc({ metric, label }),
    }),
    collectorFailed: (metric) => collectors.inc({ metric }),
    instrumentFailed: (instrument, hook) => instruments.inc({ instrument, hook }),
    countSeries: (metric, count) => series.set({ metric }, count),
    clearSeries: () => series.reset(),
  }
}
