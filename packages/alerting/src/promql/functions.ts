import {
  atom,
  type Duration,
  durationText,
  type Expression,
  numberText,
  operandText,
  type Selector,
} from './expression.ts'

const ranged =
  (name: string) =>
  <L extends string>(selector: Selector<L>, range: Duration): Expression<L> =>
    atom(`${name}(${selector.text}[${durationText(range)}])`, selector.labels)

type Ranged = <L extends string>(selector: Selector<L>, range: Duration) => Expression<L>

/** `rate(selector[range])`: per second, of a counter. */
export const rate: Ranged = ranged('rate')
/** `irate(selector[range])`: per second between the last two samples. */
export const irate: Ranged = ranged('irate')
/** `increase(selector[range])`: of a counter. */
export const increase: Ranged = ranged('increase')
/** `delta(selector[range])`: of a gauge. */
export const delta: Ranged = ranged('delta')
/** `changes(selector[range])`. */
export const changes: Ranged = ranged('changes')
/** `avg_over_time(selector[range])`. */
export const avgOverTime: Ranged = ranged('avg_over_time')
/** `max_over_time(selector[range])`. */
export const maxOverTime: Ranged = ranged('max_over_time')
/** `min_over_time(selector[range])`. */
export const minOverTime: Ranged = ranged('min_over_time')
/** `sum_over_time(selector[range])`. */
export const sumOverTime: Ranged = ranged('sum_over_time')

/** `predict_linear(selector[range], seconds)`. */
export const predictLinear = <L extends string>(
  selector: Selector<L>,
  range: Duration,
  seconds: number,
): Expression<L> =>
  atom(`predict_linear(${selector.text}[${durationText(range)}], ${numberText(seconds)})`, selector.labels)

/** `histogram_quantile(quantile, buckets)`; the buckets need their `le`. */
export function histogramQuantile<L extends string>(
  quantile: number,
  buckets: 'le' extends L ? Expression<L> : never,
): Expression<Exclude<L, 'le'>> {
  if (!(quantile >= 0 && quantile <= 1)) throw new TypeError(`histogramQuantile: ${quantile} is not from 0 to 1`)
  const { text, labels } = buckets as Expression<L>
  if (!labels.includes('le' as L)) throw new TypeError(`histogramQuantile: ${text} has no label le`)
  return atom(
    `histogram_quantile(${quantile}, ${text})`,
    labels.filter((label): label is Exclude<L, 'le'> => label !== 'le'),
  )
}

const called =
  (name: string) =>
  <L extends string>(expression: Expression<L>): Expression<L> =>
    atom(`${name}(${expression.text})`, expression.labels)

type Called = <L extends string>(expression: Expression<L>) => Expression<L>

/** `abs(expression)`. */
export const abs: Called = called('abs')
/** `ceil(expression)`. */
export const ceil: Called = called('ceil')
/** `absent(expression)`: 1 when there is nothing; without labels here. */
export const absent = (expression: Expression): Expression<never> => atom(`absent(${expression.text})`, [])
/** `vector(value)`. */
export const vector = (value: number): Expression<never> => atom(`vector(${numberText(value)})`, [])
/** `time()`: seconds since the epoch. */
export const time = (): Expression<never> => atom('time()', [])
/** `clamp_min(expression, least)`. */
export const clampMin = <L extends string>(expression: Expression<L>, least: number): Expression<L> =>
  atom(`clamp_min(${operandText(expression, 1)}, ${numberText(least)})`, expression.labels)
