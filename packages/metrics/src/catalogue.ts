import type { Catalogue, Counter, Gauge, Histogram } from '@honoscope/core'
import { createCounter } from './counter.ts'
import { checkBuckets, type Definition, type DefinitionOptions, define, type MetricType } from './definition.ts'
import type { Family, Recording } from './family.ts'
import { createGauge } from './gauge.ts'
import { createHistogram, defaultBuckets } from './histogram.ts'
import type { CheckedOptions } from './options.ts'
import { checkFree, type Registry, register } from './registry.ts'
import type { SelfMetrics } from './self.ts'

/** Makes the catalogue over a registry, with the metrics about itself in it. */
export function createCatalogue(registry: Registry, self: SelfMetrics, options: CheckedOptions): Catalogue {
  const recording: Recording = { losses: self.losses, traceContext: options.traceContext, now: options.now }
  const add = (family: Family): void => register(registry, family)
  const defined = (type: MetricType, given: DefinitionOptions): Definition => {
    const definition = define(type, given, options.prefix)
    checkFree(registry, definition.name, type)
    return definition
  }
  for (const family of self.families) {
    checkFree(registry, family.name, family.type)
    add(family)
  }

  return {
    counter(given) {
      const definition = defined('counter', given)
      const { metric, ...parts } = createCounter(definition, self.losses(definition.name), recording)
      const counter: Counter<NonNullable<typeof given.labels>> = metric
      const { collect } = given
      add({ ...definition, ...parts, collect: collect && (() => collect(counter)) })
      return counter
    },
    gauge(given) {
      const definition = defined('gauge', given)
      const { metric, ...parts } = createGauge(definition, self.losses(definition.name), recording)
      const gauge: Gauge<NonNullable<typeof given.labels>> = metric
      const { collect } = given
      add({ ...definition, ...parts, collect: collect && (() => collect(gauge)) })
      return gauge
    },
    histogram(given) {
      const definition = defined('histogram', given)
      const bounds = checkBuckets(definition.name, given.buckets ?? defaultBuckets)
      const { metric, ...parts } = createHistogram(definition, bounds, self.losses(definition.name), recording)
      const histogram: Histogram<NonNullable<typeof given.labels>> = metric
      add({ ...definition, ...parts, buckets: bounds, collect: undefined })
      return histogram
    },
  }
}
