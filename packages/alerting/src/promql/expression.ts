/**
 * A PromQL expression with the labels that its result has. `Labels` is what the compiler knows of them, `labels` what
 * a check at run time does.
 */
export interface Expression<Labels extends string = string> {
  /** PromQL. */
  readonly text: string
  /** How tightly its outermost operator binds: as an operand of one that binds tighter, it needs parentheses. */
  readonly precedence: Precedence
  /** Label names of the result. */
  readonly labels: readonly Labels[]
}

/** An expression, or a number. */
export type Operand<Labels extends string = string> = Expression<Labels> | number

/** An instant vector selector: what a range can be taken of. */
export interface Selector<Labels extends string = string> extends Expression<Labels> {
  readonly isSelector: true
}

/** Prometheus's own order: `or`; `and`, `unless`; comparisons; `+ -`; `* /`; and what needs no parentheses ever. */
export type Precedence = 1 | 2 | 3 | 4 | 5 | 9

/** Returns an expression that binds as tightly as a name or a call. */
export const atom = <L extends string>(text: string, labels: readonly L[]): Expression<L> => ({
  text,
  labels,
  precedence: 9,
})

/** Returns the text of an operand, as it has to stand beside an operator of this precedence. */
export function operandText(operand: Operand, precedence: Precedence): string {
  if (typeof operand === 'number') return numberText(operand)
  return operand.precedence < precedence ? `(${operand.text})` : operand.text
}

/** @throws TypeError for what PromQL has no number for. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`PromQL: ${value} is not a number to compare with`)
  return String(value)
}

/** A duration of PromQL in one unit, such as `5m` or `90m`; or, in a panel of Grafana, one of its variables. */
export type Duration =
  | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w' | 'y'}`
  | '$__rate_interval'
  | '$__interval'
  | '$__range'

const durationPattern = /^0*[1-9]\d*(ms|[smhdwy])$|^\$__(rate_interval|interval|range)$/

/** @throws TypeError for what is no duration. */
export function durationText(duration: Duration): string {
  if (!durationPattern.test(duration)) throw new TypeError(`PromQL: ${JSON.stringify(duration)} is not a duration`)
  return duration
}

/** Returns the text as a string literal of PromQL. */
export const stringText = (text: string): string => JSON.stringify(text)
