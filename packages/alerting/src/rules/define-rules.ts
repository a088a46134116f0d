import type { MetricCatalogue } from '../catalogue/description.ts'
import type { Duration } from '../promql/expression.ts'
import { type Select, selectFrom } from '../promql/select.ts'
import { checkRules } from './check-rules.ts'
import { record } from './record.ts'
import type { AlertOptions, AlertRule, Rule, RuleGroup } from './rule.ts'

/** Rules with the catalogue that they were checked against. */
export interface RuleSet {
  readonly catalogue: MetricCatalogue
  readonly groups: readonly RuleGroup[]
}

/** What rules are written with. */
export interface RuleTools<C extends MetricCatalogue> {
  /** Selects series of the catalogue. */
  readonly metric: Select<C>
  /** An alerting rule. */
  alert(name: string, options: AlertOptions): AlertRule
  /** A recording rule. */
  readonly record: typeof record
  /** A group of rules. */
  group(name: string, rules: readonly Rule[], options?: { readonly interval?: Duration }): RuleGroup
}

/**
 * Returns the rule groups that `build` makes with the metrics of the catalogue. A metric, label or label value that the
 * catalogue doesn't have is a type error.
 *
 * @throws TypeError for the same at run time, for a name that stands twice or that Prometheus would refuse, and for a
 * template that names a label which the expression doesn't have.
 * @example
 * ```ts
 * import { defineRules, gt, rate, sum } from '@honoscope/alerting'
 *
 * const catalogue = {
 *   orders_failed_total: { type: 'counter', help: 'Orders that failed.', labels: { reason: ['payment', 'stock'] } },
 * } as const
 *
 * const rules = defineRules(catalogue, ({ metric, alert, group }) => [
 *   group('orders', [
 *     alert('OrdersFail', {
 *       expr: gt(sum(rate(metric('orders_failed_total', { reason: 'payment' }), '5m')), 1),
 *       for: '2m',
 *       severity: 'critical',
 *       component: 'orders',
 *       summary: 'Payments fail',
 *       description: '{{ $value | humanize }} orders a second fail at the payment.',
 *     }),
 *   ]),
 * ])
 * ```
 */
export function defineRules<const C extends MetricCatalogue>(
  catalogue: C,
  build: (tools: RuleTools<C>) => readonly RuleGroup[],
): RuleSet {
  const groups = build({
    metric: selectFrom(catalogue),
    alert: (name, options) => ({ kind: 'alert', name, ...options }),
    record,
    group: (name, rules, options) => ({ name, rules, ...options }),
  })
  checkRules(catalogue, groups)
  return { catalogue, groups }
}

/** Returns all groups as one set. Throws a `TypeError` for a group or an alert that stands in two of them. */
export function combineRules(...sets: readonly RuleSet[]): RuleSet {
  const catalogue = Object.assign({}, ...sets.map((set) => set.catalogue)) as MetricCatalogue
  const groups = sets.flatMap((set) => set.groups)
  checkRules(catalogue, groups)
  return { catalogue, groups }
}
