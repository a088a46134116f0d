import { sum } from '../promql/aggregate.ts'
import type { Duration, Expression, Selector } from '../promql/expression.ts'
import { rate } from '../promql/functions.ts'
import { or, times } from '../promql/operators.ts'

/** A service level indicator: how many events there are, and how many of them are bad. */
export interface Sli<L extends string = string> {
  /** What a bad event is, in a few words: they stand in the alerts' descriptions. */
  readonly badEvents: string
  /** Labels that events can be grouped by. */
  readonly labels: readonly L[]
  /** Bad events a second; 0, and not nothing, while all are good. */
  bad(by: readonly L[], range: Duration): Expression<L>
  /** Events a second. */
  total(by: readonly L[], range: Duration): Expression<L>
}

/** What `availability()` is made of. */
export interface AvailabilityOptions<Bad extends string, Total extends string> {
  /** Selects the bad events: a counter, or the `_count` of a histogram. */
  readonly bad: Selector<Bad>
  /** Selects all events, the bad ones too. */
  readonly total: Selector<Total>
  /** What a bad event is. Default: `failed`. */
  readonly badEvents?: string
}

/**
 * Returns the indicator of how many events are not bad.
 *
 * @example
 * ```ts
 * import { availability, matching, selectFrom } from '@honoscope/alerting'
 * import { httpCatalogue } from '@honoscope/alerting/catalogues'
 *
 * const metric = selectFrom(httpCatalogue)
 * const sli = availability({
 *   bad: metric('http_requests_total', { status_code: matching('5..') }),
 *   total: metric('http_requests_total'),
 * })
 * ```
 */
export function availability<Bad extends string, Total extends string>({
  bad,
  total,
  badEvents = 'failed',
}: AvailabilityOptions<Bad, Total>): Sli<Bad & Total> {
  type L = Bad & Total
  return {
    badEvents,
    labels: bad.labels.filter((label): label is L => (total.labels as readonly string[]).includes(label)),
    // Where nothing was ever bad there may be no series of it.
    bad: (by, range) => or(perSecond(bad, by, range), times(0, perSecond(total, by, range))),
    total: (by, range) => perSecond(total, by, range),
  }
}

/** Returns the rate of the events together, or for each of the labels' values. */
export function perSecond<L extends string>(selector: Selector, by: readonly L[], range: Duration): Expression<L> {
  const events = rate(selector, range)
  return by.length > 0 ? (sum(events, { by }) as Expression<L>) : sum(events)
}
