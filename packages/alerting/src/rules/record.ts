import { atom, type Expression, type Selector, stringText } from '../promql/expression.ts'
import type { RecordingRule } from './rule.ts'

/** A recording rule, with the series that it makes. */
export interface Recorded<L extends string> extends RecordingRule {
  /** To be used in later rules. */
  readonly series: Selector<L>
}

/** Returns a recording rule. Its series is selected with the rule's own labels: others may record under that name. */
export function record<L extends string, const Own extends Readonly<Record<string, string>> = Record<never, string>>(
  name: string,
  expr: Expression<L>,
  options?: { readonly labels?: Own },
): Recorded<L | (keyof Own & string)> {
  const own = Object.entries<string>(options?.labels ?? {})
  const matchers = own.map(([label, value]) => `${label}=${stringText(value)}`).join(', ')
  const labels = [...new Set([...expr.labels, ...own.map(([label]) => label)])] as (L | (keyof Own & string))[]
  const series = { ...atom(matchers ? `${name}{${matchers}}` : name, labels), isSelector: true as const }
  return { kind: 'record', name, expr, ...options, series }
}
