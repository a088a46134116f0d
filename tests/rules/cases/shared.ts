import type { RuleCase } from '../case.ts'

/** Cases of what every bundle with targets has. */
export function targetCases(job: string, app: string, component: string): readonly RuleCase[] {
  const [a, b] = [`up{job="${job}",instance="a:1"}`, `up{job="${job}",instance="b:1"}`]
  const other = 'up{job="another",instance="c:1"}'
  return [
    {
      alert: 'PodDown',
      firing: {
        series: { [a]: '1x5 0x15', [b]: '1x20' },
        labels: { severity: 'warning', component, app, job, instance: 'a:1' },
      },
      // It answered again within the two minutes; and another job's target is not its business.
      silent: [{ series: { [a]: '1x13 0 1x5', [b]: '1x20', [other]: '0x20' } }],
    },
    {
      alert: 'ServiceDown',
      firing: { series: { [a]: '1x5 0x15', [b]: '0x20' }, labels: { severity: 'critical', component, app } },
      silent: [{ series: { [a]: '0x20', [b]: '1x20' } }],
    },
  ]
}

/** Prometheus knows of no target at all. */
export const goneCase = (app: string, component: string): RuleCase => ({
  alert: 'ServiceDown',
  firing: { series: { 'up{job="another"}': '1x20' }, labels: { severity: 'critical', component, app } },
  silent: [],
})

/** An objective's rules by themselves. */
export interface SloCase {
  readonly name: string
  readonly component: string
  readonly budget: number
  readonly app?: string
  /** Series of which this part of the events is bad, from the beginning or until a minute. */
  readonly series: (bad: number, until?: number) => Readonly<Record<string, string>>
}

const rates = [
  { speed: 'Fast', severity: 'critical', long_window: '1h', short_window: '5m', factor: 14.4 },
  { speed: 'Fast', severity: 'critical', long_window: '6h', short_window: '30m', factor: 6 },
  { speed: 'Slow', severity: 'warning', long_window: '1d', short_window: '2h', factor: 3 },
  { speed: 'Slow', severity: 'warning', long_window: '3d', short_window: '6h', factor: 1 },
] as const

/** A scene of burn rate alerts: what is expected of each name. Several rules have one name. */
export interface BurnCase {
  readonly series: Readonly<Record<string, string>>
  readonly at: string
  readonly alerts: readonly {
    readonly alert: string
    readonly expected: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: string }[]
  }[]
}

/** Returns, for each rule, a rate above its factor and one below, with all that fires then. */
export function burnCases({ name, component, budget, app, series }: SloCase): readonly BurnCase[] {
  const at = (rate: number): BurnCase['alerts'] =>
    (['Fast', 'Slow'] as const).map((speed) => ({
      alert: `${name}BurnRate${speed}`,
      expected: rates
        .filter((other) => other.speed === speed && rate > other.factor)
        .map(({ severity, long_window, short_window }) => ({
          labels: { slo: name, severity, component, long_window, short_window, ...(app && { app }) },
          value: `${Number(rate.toPrecision(4))}`,
        })),
    }))
  const levels = rates.flatMap(({ factor }) => [factor * 1.25, factor * 0.75])
  return [
    ...levels.map((rate) => ({ series: series(rate * budget), at: '15m', alerts: at(rate) })),
    // It burnt fast enough for both fast ones for an hour, and has ended 40 minutes ago: nobody is paged any more.
    { series: series(20 * budget, 60), at: '100m', alerts: [{ alert: `${name}BurnRateFast`, expected: [] }] },
  ]
}

/** A counter that rises by this a minute, for `minutes`, and stands still after. */
export const rising = (perMinute: number, minutes = 120, still = 0): string =>
  `0+${perMinute}x${minutes}${still > 0 ? ` ${perMinute * minutes}x${still}` : ''}`
