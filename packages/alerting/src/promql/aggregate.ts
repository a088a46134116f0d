import { atom, type Expression } from './expression.ts'

/** What an aggregation keeps of the labels: those that `by` names, or all but those that `without` names. */
export type Grouping<L extends string> =
  | { readonly by: readonly L[]; readonly without?: undefined }
  | { readonly without: readonly L[]; readonly by?: undefined }

interface Aggregate {
  <L extends string>(expression: Expression<L>): Expression<never>
  <L extends string, const B extends L>(
    expression: Expression<L>,
    grouping: { readonly by: readonly B[] },
  ): Expression<B>
  <L extends string, const W extends L>(
    expression: Expression<L>,
    grouping: { readonly without: readonly W[] },
  ): Expression<Exclude<L, W>>
}

function aggregate(operator: string): Aggregate {
  return (<L extends string>(expression: Expression<L>, grouping?: Grouping<L>) => {
    const { clause, labels } = grouped(operator, expression, grouping)
    return atom(clause ? `${operator} ${clause} (${expression.text})` : `${operator}(${expression.text})`, labels)
  }) as Aggregate
}

/** Returns the clause, with the labels that are left. */
function grouped<L extends string>(operator: string, expression: Expression<L>, grouping: Grouping<L> | undefined) {
  if (!grouping) return { clause: '', labels: [] as readonly L[] }
  const named = grouping.by ?? grouping.without
  for (const label of named) {
    if (!expression.labels.includes(label)) throw new TypeError(`${operator}: ${expression.text} has no label ${label}`)
  }
  if (grouping.by) return { clause: `by (${named.join(', ')})`, labels: grouping.by }
  return {
    clause: `without (${named.join(', ')})`,
    labels: expression.labels.filter((label) => !named.includes(label)),
  }
}

/** `sum(expression)`, `sum by (…) (expression)`. */
export const sum: Aggregate = aggregate('sum')
/** `avg(expression)`, `avg by (…) (expression)`. */
export const avg: Aggregate = aggregate('avg')
/** `min(expression)`, `min by (…) (expression)`. */
export const min: Aggregate = aggregate('min')
/** `max(expression)`, `max by (…) (expression)`. */
export const max: Aggregate = aggregate('max')
/** `count(expression)`, `count by (…) (expression)`. */
export const count: Aggregate = aggregate('count')

/** `topk(k, expression)`. */
export const topk = <L extends string>(k: number, expression: Expression<L>): Expression<L> =>
  atom(`topk(${k}, ${expression.text})`, expression.labels)
