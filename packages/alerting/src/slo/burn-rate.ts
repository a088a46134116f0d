import type { Duration } from '../promql/expression.ts'
import type { Severity } from '../rules/rule.ts'

/** When a burning error budget is told. */
export interface BurnRate {
  /** End of the alert's name. */
  readonly speed: 'Fast' | 'Slow'
  readonly severity: Severity
  /** Window over which the budget burns: it says that it matters. */
  readonly long: Duration
  /** Window that says that it still burns: the alert ends soon after the fault does. */
  readonly short: Duration
  /** How many times faster than the budget would last the objective's window. */
  readonly factor: number
  /** Part of the budget that is gone when it burnt as fast as that for the whole of `long`. */
  readonly share: number
}

/**
 * Shares of the budget, with the windows in which they may go, as Google's SRE Workbook recommends them: chapter 5,
 * "Alerting on SLOs", approach 6. For an objective over 30 days they are burn rates of 14.4, 6, 3 and 1.
 */
const recommended = [
  { speed: 'Fast', severity: 'critical', share: 0.02, long: '1h', short: '5m' },
  { speed: 'Fast', severity: 'critical', share: 0.05, long: '6h', short: '30m' },
  { speed: 'Slow', severity: 'warning', share: 0.1, long: '1d', short: '2h' },
  { speed: 'Slow', severity: 'warning', share: 0.1, long: '3d', short: '6h' },
] as const

/**
 * Returns the burn rates for an objective over `windowSeconds`: the share times that window, by the long window.
 *
 * None is under 1, where the budget lasts and nothing is wrong; and none is so high that not even an outage of nearly
 * everything would reach it, as 14.4 times a budget of a tenth would be.
 */
export function burnRates(windowSeconds: number, budget: number): readonly BurnRate[] {
  const highest = outage / budget
  return recommended.map(({ share, ...rest }) => {
    const long = seconds(rest.long)
    const factor = rounded(Math.max(1, Math.min((share * windowSeconds) / long, highest)))
    return { ...rest, factor, share: rounded((factor * long) / windowSeconds) }
  })
}

/** Part of bad events at which the fastest alert tells, whatever the budget. */
const outage = 0.9

/** Without the last digits, which are those of binary fractions: 1 - 0.999 is 0.001. */
export const rounded = (value: number): number => Number(value.toPrecision(10))

const unitSeconds: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
}

/** Returns the seconds of a duration of one unit; NaN for another text. */
export function seconds(duration: string): number {
  const [, count = 'NaN', unit = ''] = /^(\d+)([smhdwy])$/.exec(duration) ?? []
  return Number(count) * (unitSeconds[unit] ?? Number.NaN)
}
