import { type MetricCatalogue, type MetricDescription, targetLabels } from './description.ts'

/** A time series by name, with the metric that it belongs to. */
export interface Series {
  readonly metric: string
  readonly description: MetricDescription
  /** Its labels and those that the scrape may add. */
  readonly labels: readonly string[]
}

const suffixes = ['_bucket', '_count', '_sum'] as const

/** Returns the series of that name, or `undefined` when no metric of the catalogue has it. */
export function findSeries(catalogue: MetricCatalogue, name: string): Series | undefined {
  const own = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined
  if (own && own.type !== 'histogram') return series(name, own, own.type === 'summary' ? ['quantile'] : [])
  for (const suffix of suffixes) {
    if (!name.endsWith(suffix)) continue
    const metric = name.slice(0, -suffix.length)
    const description = Object.hasOwn(catalogue, metric) ? catalogue[metric] : undefined
    if (description?.type === 'histogram') return series(metric, description, suffix === '_bucket' ? ['le'] : [])
    if (description?.type === 'summary' && suffix !== '_bucket') return series(metric, description, [])
  }
  return undefined
}

const series = (metric: string, description: MetricDescription, more: readonly string[]): Series => ({
  metric,
  description,
  labels: [...Object.keys(description.labels), ...more, ...targetLabels],
})
