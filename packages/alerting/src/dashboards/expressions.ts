import { sum } from '../promql/aggregate.ts'
import type { Duration, Expression, Selector } from '../promql/expression.ts'
import { histogramQuantile, increase, rate } from '../promql/functions.ts'
import type { QuerySpec } from './spec.ts'

/** The stretch that Grafana takes for a rate: at least four scrapes, so that one that is missing makes no gap. */
const window = '$__rate_interval'

/** Returns the counter's rise in a second, summed up by these labels. */
export const perSecond = <L extends string>(counter: Selector<L>, by: readonly L[] = []): Expression<L> =>
  by.length === 0 ? (sum(rate(counter, window)) as Expression<L>) : sum(rate(counter, window), { by })

/** Returns the quantile of a histogram, by these labels; over `range` where an alert reads the same. */
export const quantile = <L extends string>(
  q: number,
  buckets: Selector<L>,
  by: readonly NoInfer<Exclude<L, 'le'>>[] = [],
  range: Duration = window,
): Expression<Exclude<L, 'le'>> => {
  const summed = sum(rate(buckets as Selector<string>, range), { by: ['le', ...by] })
  return histogramQuantile(q, summed as Expression<'le'>) as unknown as Expression<Exclude<L, 'le'>>
}

/** Returns the queries of the quantiles that tell how the ordinary and the unlucky fare. */
export const quantiles = (buckets: Selector, by: readonly string[] = []): readonly QuerySpec[] =>
  [0.5, 0.95, 0.99].map((q) => ({
    expr: quantile(q, buckets, by),
    legend: [`P${q * 100}`, ...by.map((label) => `{{${label}}}`)].join(' '),
  }))

/** Returns what a heatmap shows: how many fell into each bucket. */
export const distribution = (buckets: Selector): readonly QuerySpec[] => [
  { expr: sum(increase(buckets, window), { by: ['le'] }), legend: '{{le}}' },
]
