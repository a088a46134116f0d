import type { Expression, Operand, Precedence } from './expression.ts'
import { numberText, operandText } from './expression.ts'

/** How the samples of both sides find each other, where their labels differ. */
export interface Matching {
  readonly on?: readonly string[]
  readonly ignoring?: readonly string[]
  /** Many on the left to one on the right; labels to take over from the right. */
  readonly groupLeft?: readonly string[]
}

type Binary = <L extends string>(left: Expression<L>, right: Operand, matching?: Matching) => Expression<L>

/** Returns the function for a binary operator; its result is taken to have the labels of its left side. */
function binary(operator: string, precedence: Precedence): Binary {
  return (left, right, matching = {}) => {
    const clause = clauseOf(operator, left, right, matching)
    // From left to right: what stands on the right of an operator of its own precedence needs parentheses.
    const rightText = operandText(right, (precedence + 1) as Precedence)
    return {
      text: `${operandText(left, precedence)} ${operator}${clause} ${rightText}`,
      labels: precedence <= 2 ? left.labels : resultLabels(left, matching),
      precedence,
    }
  }
}

function clauseOf(operator: string, left: Expression, right: Operand, { on, ignoring, groupLeft }: Matching): string {
  if (on && ignoring) throw new TypeError(`${operator}: on and ignoring exclude each other`)
  for (const label of on ?? []) {
    for (const side of [left, right]) {
      if (typeof side !== 'number' && !side.labels.includes(label)) {
        throw new TypeError(`${operator}: ${side.text} has no label ${label}`)
      }
    }
  }
  const match = on ? ` on (${on.join(', ')})` : ignoring ? ` ignoring (${ignoring.join(', ')})` : ''
  return groupLeft ? `${match} group_left (${groupLeft.join(', ')})` : match
}

/** One to one, what was matched is left: the labels that `on` names, or all but those that `ignoring` names. */
function resultLabels<L extends string>(left: Expression<L>, { on, ignoring, groupLeft }: Matching): readonly L[] {
  if (groupLeft) return [...new Set([...left.labels, ...(groupLeft as readonly L[])])]
  if (on) return left.labels.filter((label) => on.includes(label))
  return ignoring ? left.labels.filter((label) => !ignoring.includes(label)) : left.labels
}

/** `left > right`. */
export const gt: Binary = binary('>', 3)
/** `left >= right`. */
export const gte: Binary = binary('>=', 3)
/** `left < right`. */
export const lt: Binary = binary('<', 3)
/** `left <= right`. */
export const lte: Binary = binary('<=', 3)
/** `left == right`. */
export const eq: Binary = binary('==', 3)
/** `left != right`. */
export const ne: Binary = binary('!=', 3)
/** `left + right`. */
export const add: Binary = binary('+', 4)
/** `left - right`. */
export const sub: Binary = binary('-', 4)
/** `left * right`. */
export const mul: Binary = binary('*', 5)
/** `left / right`. */
export const div: Binary = binary('/', 5)
/** `left and right`. */
export const and: Binary = binary('and', 2)
/** `left unless right`. */
export const unless: Binary = binary('unless', 2)
/** `left or right`. */
export const or: Binary = binary('or', 1)

/** `number * right`: the same as `mul(right, number)`, written the other way round. */
export const times = <L extends string>(factor: number | `${number}`, right: Expression<L>): Expression<L> => ({
  // A factor that is written down as a text stands as it is: `0.10`.
  text: `${numberText(Number(factor)) && factor} * ${operandText(right, 9)}`,
  labels: right.labels,
  precedence: 5,
})

/** `1 - right`, say. */
export const minus = <L extends string>(from: number, right: Expression<L>): Expression<L> => ({
  text: `${operandText(from, 4)} - ${operandText(right, 5)}`,
  labels: right.labels,
  precedence: 4,
})
