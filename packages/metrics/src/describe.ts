import { familyOf, type Registered, type Registry, registeredMetrics } from './registry.ts'

/** A metric as rules and dashboards have to know it. */
export interface MetricDescription {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly help: string
  /** Label names; each with all of its values where the list is closed, else `'open'`. */
  readonly labels: Readonly<Record<string, readonly string[] | 'open'>>
  /** Upper bounds of a histogram, ascending, without `+Inf`. */
  readonly buckets?: readonly number[]
}

/** Returns every metric of the registry by name, those of prom-client too. */
export function describeMetrics(registry: Registry): Readonly<Record<string, MetricDescription>> {
  return Object.fromEntries(registeredMetrics(registry).map((metric) => [metric.name, describe(metric)]))
}

function describe(metric: Registered): MetricDescription {
  const family = familyOf(metric)
  if (!family) return describeForeign(metric)
  const labels = Object.entries(family.labels).map(([name, values]) => [name, 'open' in values ? 'open' : values])
  const { type, help, buckets } = family
  return { type, help, labels: Object.fromEntries(labels), ...(buckets && { buckets }) }
}

/** prom-client keeps names and bounds beside the metric, under names that are its own. */
function describeForeign(metric: Registered): MetricDescription {
  const { labelNames = [], upperBounds } = metric as { labelNames?: readonly string[]; upperBounds?: readonly number[] }
  return {
    type: String(metric.type) as MetricDescription['type'],
    help: metric.help,
    labels: Object.fromEntries(labelNames.map((name) => [name, 'open' as const])),
    ...(upperBounds && { buckets: upperBounds.filter(Number.isFinite) }),
  }
}
