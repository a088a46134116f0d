import type { LabelOf, MetricCatalogue, TargetLabel } from '../catalogue/description.ts'
import type { Selector } from '../promql/expression.ts'
import { clampMin } from '../promql/functions.ts'
import { sub } from '../promql/operators.ts'
import { selectFrom, type Where } from '../promql/select.ts'
import { boundMatcher } from './bound-matcher.ts'
import { perSecond, type Sli } from './sli.ts'

/** Names of the histograms of a catalogue. */
export type HistogramName<C extends MetricCatalogue> = {
  [Name in keyof C & string]: 'histogram' extends C[Name]['type'] ? Name : never
}[keyof C & string]

/** Upper bounds of a histogram, as far as its type tells them. */
export type BoundOf<D> = D extends { readonly buckets: readonly (infer Bound extends number)[] } ? Bound : number

/** What `latency()` is made of. */
export interface LatencyOptions<C extends MetricCatalogue, H extends HistogramName<C>> {
  /** Name of the histogram, without a suffix. */
  readonly histogram: H
  /** What takes longer is bad. In the histogram's unit, and one of its upper bounds: nothing else can be counted. */
  readonly threshold: BoundOf<C[H]>
  /** Only these of its series. Default: all. */
  readonly where?: Where<C, `${H}_count`>
}

/**
 * Returns the indicator of how many events took no longer than the threshold.
 *
 * @throws TypeError when the catalogue has no such histogram, and when the threshold is none of its bounds; it names the
 * bounds on both sides.
 * @example
 * ```ts
 * import { latency } from '@honoscope/alerting'
 * import { httpCatalogue } from '@honoscope/alerting/catalogues'
 *
 * const sli = latency(httpCatalogue, { histogram: 'http_request_duration_seconds', threshold: 0.25 })
 * ```
 */
export function latency<const C extends MetricCatalogue, const H extends HistogramName<C>>(
  catalogue: C,
  { histogram, threshold, where }: LatencyOptions<C, H>,
): Sli<LabelOf<C, `${H}_count`> | TargetLabel> {
  checkThreshold(catalogue, histogram, threshold)
  // The types have been checked where it is called; here they depend on the catalogue.
  const select = selectFrom<MetricCatalogue>(catalogue) as (name: string, where: object) => Selector<never>
  const all = select(`${histogram}_count`, { ...where })
  const good = select(`${histogram}_bucket`, { ...where, le: boundMatcher(threshold) })
  return {
    badEvents: `took longer than ${threshold}${histogram.endsWith('_seconds') ? ' s' : ''}`,
    labels: all.labels,
    bad: (by, range) => clampMin(sub(perSecond(all, by, range), perSecond(good, by, range)), 0),
    total: (by, range) => perSecond(all, by, range),
  }
}

function checkThreshold(catalogue: MetricCatalogue, histogram: string, threshold: number): void {
  const metric = Object.hasOwn(catalogue, histogram) ? catalogue[histogram] : undefined
  if (metric?.type !== 'histogram') throw new TypeError(`latency: the catalogue has no histogram ${histogram}`)
  const bounds = metric.buckets ?? []
  if (bounds.includes(threshold)) return
  const nearest = [bounds.findLast((bound) => bound < threshold), bounds.find((bound) => bound > threshold)]
  const known = nearest.filter((bound) => bound !== undefined).join(' and ') || 'not known'
  throw new TypeError(
    `latency: threshold ${threshold} is no upper bound of ${histogram}; the nearest ${known.includes(' ') ? 'are' : 'is'} ${known}`,
  )
}
