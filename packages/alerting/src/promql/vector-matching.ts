import type { Expression, Operand } from './expression.ts'

/** How the samples of both sides find each other, where their labels differ. */
export interface Matching<Left extends string = string, Right extends string = string> {
  /** Labels that both sides have. */
  readonly on?: readonly (Left & Right)[]
  readonly ignoring?: readonly (Left | Right)[]
  /** Many on the left to one on the right; labels to take over from the right. Only with `on` or `ignoring`. */
  readonly groupLeft?: readonly Right[]
}

/**
 * Returns the clause that stands after the operator, empty where none is needed.
 *
 * @throws TypeError for what Prometheus would refuse, and for a label that no side has: it would match nothing.
 */
export function matchingClause(operator: string, left: Expression, right: Operand, matching: Matching): string {
  const { on, ignoring, groupLeft } = matching
  if (!on && !ignoring && !groupLeft) return ''
  if (on && ignoring) throw new TypeError(`${operator}: on and ignoring exclude each other`)
  if (typeof right === 'number') throw new TypeError(`${operator}: a number has no labels to match by`)
  if (groupLeft && !on && !ignoring) throw new TypeError(`${operator}: groupLeft needs on or ignoring`)
  for (const side of [left, right]) checkLabels(operator, on, side.labels, side.text)
  checkLabels(operator, ignoring, [...left.labels, ...right.labels], `neither ${left.text} nor ${right.text}`)
  checkLabels(operator, groupLeft, right.labels, right.text)
  const match = on ? ` on (${on.join(', ')})` : ` ignoring (${ignoring?.join(', ')})`
  return groupLeft ? `${match} group_left (${groupLeft.join(', ')})` : match
}

function checkLabels(operator: string, named: readonly string[] = [], known: readonly string[], whose: string): void {
  const unknown = named.find((label) => !known.includes(label))
  if (unknown === undefined) return
  throw new TypeError(`${operator}: ${whose} has ${whose.startsWith('neither ') ? 'a' : 'no'} label ${unknown}`)
}

/** One to one, what was matched is left: the labels that `on` names, or all but those that `ignoring` names. */
export function matchedLabels<L extends string>(
  left: Expression<L>,
  { on, ignoring, groupLeft }: Matching,
): readonly L[] {
  if (groupLeft) return [...new Set([...left.labels, ...(groupLeft as readonly L[])])]
  if (on) return left.labels.filter((label) => on.includes(label))
  return ignoring ? left.labels.filter((label) => !ignoring.includes(label)) : left.labels
}
