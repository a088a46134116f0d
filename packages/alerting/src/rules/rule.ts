import type { Duration, Expression } from '../promql/expression.ts'

/** Who is told, by the catalogue's rule: `critical` pages, `warning` does not, `info` is to be looked at some day. */
export type Severity = 'critical' | 'warning' | 'info'

/** An alert as it is written down. Annotations may use Prometheus's templates: `{{ $value }}`, `{{ $labels.path }}`. */
export interface AlertOptions {
  readonly expr: Expression
  /** How long the condition has to hold before the alert fires. Default: it fires at once. */
  readonly for?: Duration
  /** How long it goes on firing when the condition holds no more. Default: not at all. */
  readonly keepFiringFor?: Duration
  readonly severity: Severity
  /** What it is about: `tokmesh`, `database`, …; alerts are routed by it. */
  readonly component: string
  /** One line: what is wrong. */
  readonly summary: string
  /** What it means for the users, with the number. */
  readonly description: string
  /** Name of the entry in the runbook. Default: the alert's name. */
  readonly runbook?: string
  /** More labels. `severity` and `component` are settled by their fields. */
  readonly labels?: Readonly<Record<string, string>>
}

/** An alerting rule. */
export interface AlertRule extends AlertOptions {
  readonly kind: 'alert'
  readonly name: string
}

/** A recording rule. */
export interface RecordingRule {
  readonly kind: 'record'
  /** `level:metric:operations`, as Prometheus's own conventions have it. */
  readonly name: string
  readonly expr: Expression
  readonly labels?: Readonly<Record<string, string>>
}

/** An alerting or a recording rule. */
export type Rule = AlertRule | RecordingRule

/** Rules that are evaluated one after the other, at the same moment. */
export interface RuleGroup {
  readonly name: string
  /** Default: Prometheus's own `evaluation_interval`. */
  readonly interval?: Duration
  readonly rules: readonly Rule[]
}
