/**
 * Prometheus rules and service level objectives in TypeScript, over the metrics that exist.
 *
 * @module
 */
export { type Combined, combineCatalogues } from './catalogue/combine.ts'
export {
  type LabelOf,
  type MetricCatalogue,
  type MetricDescription,
  type MetricOf,
  type SeriesName,
  type TargetLabel,
  targetLabels,
  type ValueOf,
} from './catalogue/description.ts'
export type { HonoscopeConfig } from './cli/config.ts'
export { avg, count, type Grouping, max, min, sum, topk } from './promql/aggregate.ts'
export { checkExpression, type Known, type SelectorUse, selectorsOf } from './promql/check.ts'
export type { Duration, Expression, Operand, Precedence, Selector } from './promql/expression.ts'
export {
  abs,
  absent,
  avgOverTime,
  ceil,
  changes,
  clampMin,
  delta,
  histogramQuantile,
  increase,
  irate,
  maxOverTime,
  minOverTime,
  predictLinear,
  rate,
  sumOverTime,
  time,
  vector,
} from './promql/functions.ts'
export {
  add,
  and,
  div,
  eq,
  gt,
  gte,
  lt,
  lte,
  minus,
  mul,
  ne,
  or,
  sub,
  times,
  unless,
} from './promql/operators.ts'
export { type Matcher, matching, not, notMatching, type Select, selectFrom, type Where } from './promql/select.ts'
export type { Matching } from './promql/vector-matching.ts'
export { combineRules, defineRules, type RuleSet, type RuleTools } from './rules/define-rules.ts'
export type { Recorded } from './rules/record.ts'
export type { AlertOptions, AlertRule, RecordingRule, Rule, RuleGroup, Severity } from './rules/rule.ts'
export type { RuleTextOptions } from './rules/rule-text.ts'
export { type PrometheusRuleOptions, toPrometheusRule } from './rules/write-operator.ts'
export { type PrometheusFileOptions, toPrometheus } from './rules/write-prometheus.ts'
export { defineSlo, type Slo } from './slo/define-slo.ts'
export { type BoundOf, type HistogramName, type LatencyOptions, latency } from './slo/latency.ts'
export { type AvailabilityOptions, availability, type Sli } from './slo/sli.ts'
export type { SloOptions } from './slo/slo-options.ts'
