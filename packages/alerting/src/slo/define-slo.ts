import type { Duration, Expression, Selector } from '../promql/expression.ts'
import { sumOverTime } from '../promql/functions.ts'
import { and, div, gt, minus } from '../promql/operators.ts'
import { type Recorded, record } from '../rules/record.ts'
import type { AlertRule, RuleGroup } from '../rules/rule.ts'
import { type BurnRate, burnRates, rounded, seconds } from './burn-rate.ts'
import { checkSlo, type SloOptions } from './slo-options.ts'

/** An objective as rules, with the series that they record. */
export interface Slo<L extends string> {
  /** To be returned to `defineRules()`. */
  readonly group: RuleGroup
  /** Part of the events that was bad over a window: 5m, 30m, 1h, 2h, 6h, 1d, 3d and the objective's own. */
  errorRatio(window: Duration): Selector<L>
  /** Part of the error budget that is left: 1 is all of it, below 0 the objective is missed. */
  readonly budgetRemaining: Selector<L>
}

/**
 * Returns the rules of a service level objective: the error ratio over each window and the budget that is left are
 * recorded, and two pairs of alerts tell when the budget burns: `<name>BurnRateFast` pages, `<name>BurnRateSlow` warns.
 *
 * The events are read over 5 minutes only; what is over longer windows is made of what was recorded, so that an
 * objective over 30 days costs no more than a graph. Without traffic there is no ratio and no alert.
 *
 * @throws TypeError that names the option which is wrong.
 * @example
 * ```ts
 * import { availability, defineRules, defineSlo, lt, matching } from '@honoscope/alerting'
 * import { httpCatalogue } from '@honoscope/alerting/catalogues'
 *
 * const rules = defineRules(httpCatalogue, ({ metric, alert, group }) => {
 *   const slo = defineSlo({
 *     name: 'ShopAvailability',
 *     objective: 0.999,
 *     window: '30d',
 *     component: 'shop',
 *     by: ['job'],
 *     sli: availability({
 *       bad: metric('http_requests_total', { status_code: matching('5..') }),
 *       total: metric('http_requests_total'),
 *     }),
 *   })
 *   const frozen = alert('ShopBudgetSpent', {
 *     expr: lt(slo.budgetRemaining, 0),
 *     severity: 'info',
 *     component: 'shop',
 *     summary: 'The error budget of {{ $labels.job }} is spent',
 *     description: 'No risky release until it is back: {{ $value | humanizePercentage }} are left.',
 *   })
 *   return [slo.group, group('shop', [frozen])]
 * })
 * ```
 */
export function defineSlo<L extends string, const By extends L = never>(options: SloOptions<L, By>): Slo<By | 'slo'> {
  checkSlo(options)
  const { name, objective, window = '30d', interval } = options
  const budget = rounded(1 - objective)
  const rates = burnRates(seconds(window), budget)
  const { rules, ratios } = recordRatios(options, rates, window)
  const ratio = (over: Duration): Selector<By | 'slo'> => {
    const series = ratios.get(over)?.series
    if (!series) throw new TypeError(`${name}: no error ratio is recorded over ${over}`)
    return series
  }
  const labels = { slo: name }
  const spent = div(ratio(window), budget)
  const remaining = record('slo:error_budget_remaining:ratio', minus(1, spent), { labels })
  const target = record('slo:objective:ratio', { text: `vector(${objective})`, labels: [], precedence: 9 }, { labels })
  const alerts = rates.map((rate) => burnAlert(options, rate, budget, ratio))
  return {
    group: { name: `slo-${name}`, ...(interval && { interval }), rules: [...rules, target, remaining, ...alerts] },
    errorRatio: ratio,
    budgetRemaining: remaining.series,
  }
}

/** Returns the rules for events, bad events, and their ratio over each window. */
function recordRatios<L extends string, By extends L>(
  { name, sli, by = [] }: SloOptions<L, By>,
  rates: readonly BurnRate[],
  window: Duration,
) {
  const labels = { slo: name }
  const group = by as readonly L[]
  const bad = record('slo:bad_events:rate5m', sli.bad(group, '5m') as Expression<By>, { labels })
  const total = record('slo:events:rate5m', sli.total(group, '5m') as Expression<By>, { labels })
  const windows = [...new Set([...rates.flatMap(({ short, long }) => [short, long]), window])]
  const ratios = new Map<Duration, Recorded<By | 'slo'>>()
  for (const over of windows.sort((a, b) => seconds(a) - seconds(b))) {
    // Of the sums, so that an hour counts by its traffic; 0 / 0 would be no number, and is nothing here.
    const [part, all] =
      over === '5m' ? [bad.series, total.series] : [bad, total].map((r) => sumOverTime(r.series, over))
    if (part && all) ratios.set(over, record(`slo:errors:ratio_rate${over}`, div(part, gt(all, 0)), { labels }))
  }
  return { rules: [bad, total, ...ratios.values()], ratios }
}

function burnAlert<By extends string>(
  options: SloOptions<By, By>,
  { speed, severity, long, short, factor, share }: BurnRate,
  budget: number,
  ratio: (window: Duration) => Selector<string>,
): AlertRule {
  const { name, window = '30d', objective, sli, component, by = [], runbook } = options
  const burns = (over: Duration) => gt(div(ratio(over), budget), factor)
  const whose = by.length > 0 ? ` of ${by.map((label) => `{{ $labels.${label} }}`).join(', ')}` : ''
  const pace = `{{ $value | humanize }} times as fast as it may`
  return {
    kind: 'alert',
    name: `${name}BurnRate${speed}`,
    expr: and(burns(long), burns(short)),
    severity,
    component,
    ...(runbook && { runbook }),
    labels: { ...options.labels, long_window: long, short_window: short },
    summary: `${name}: the error budget${whose} burns ${speed === 'Fast' ? 'fast' : 'slowly'}`,
    description:
      `Over the last ${long} the error budget${whose} burnt ${pace}; the limit is ${factor}, at which ` +
      `${percent(share)} of the budget for ${window} goes in ${long}. Too many events ${sli.badEvents}: ` +
      `the objective is that ${percent(objective)} do not.`,
  }
}

const percent = (part: number): string => `${rounded(part * 100)} %`
