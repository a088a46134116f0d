import type { Expression, Operand, Precedence } from './expression.ts'
import { numberText, operandText } from './expression.ts'
import { type Matching, matchedLabels, matchingClause } from './vector-matching.ts'

type Binary = <L extends string, R extends string = never>(
  left: Expression<L>,
  right: Operand<R>,
  matching?: Matching<NoInfer<L>, NoInfer<R>>,
) => Expression<L>

/** Returns the function for a binary operator; its result is taken to have the labels of its left side. */
function binary(operator: string, precedence: Precedence): Binary {
  return (left, right, matching = {}) => {
    const isSet = precedence <= 2
    if (isSet && (typeof right === 'number' || matching.groupLeft)) {
      throw new TypeError(`${operator}: between two sets of series, many to many; neither a number nor groupLeft`)
    }
    const clause = matchingClause(operator, left, right, matching)
    // From left to right: what stands on the right of an operator of its own precedence needs parentheses.
    const rightText = operandText(right, (precedence + 1) as Precedence)
    return {
      text: `${operandText(left, precedence)} ${operator}${clause} ${rightText}`,
      labels: isSet ? left.labels : matchedLabels(left, matching),
      precedence,
    }
  }
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
