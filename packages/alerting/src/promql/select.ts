import type {
  LabelOf,
  MetricCatalogue,
  MetricDescription,
  SeriesName,
  TargetLabel,
  ValueOf,
} from '../catalogue/description.ts'
import { targetLabels } from '../catalogue/description.ts'
import { findSeries } from '../catalogue/series.ts'
import { type Selector, stringText } from './expression.ts'

/** A matcher other than equality; a regular expression of RE2, anchored at both ends. */
export interface Matcher {
  readonly operator: '!=' | '=~' | '!~'
  readonly value: string
}

/** `label!="value"`. */
export const not = (value: string): Matcher => ({ operator: '!=', value })
/** `label=~"pattern"`. */
export const matching = (pattern: string): Matcher => ({ operator: '=~', value: pattern })
/** `label!~"pattern"`. */
export const notMatching = (pattern: string): Matcher => ({ operator: '!~', value: pattern })

/** What the labels of a series have to be; a plain string has to be equal, and one that the label can have. */
export type Where<C extends MetricCatalogue, S extends string> = {
  readonly [L in LabelOf<C, S>]?: ValueOf<C, S, L> | Matcher
} & { readonly [L in TargetLabel]?: string | Matcher }

/** Selects series of a catalogue. */
export type Select<C extends MetricCatalogue> = <S extends SeriesName<C>>(
  series: S,
  where?: Where<C, S>,
) => Selector<LabelOf<C, S> | TargetLabel>

/**
 * Returns the function that selects series of this catalogue. It throws a `TypeError` that names the metric, the label
 * or the value which the catalogue doesn't have.
 */
export function selectFrom<C extends MetricCatalogue>(catalogue: C): Select<C> {
  return (name, where = {} as never) => {
    const series = findSeries(catalogue, name)
    if (!series) throw new TypeError(`PromQL: the catalogue has no series ${name}`)
    const matchers = Object.entries(where as Record<string, string | Matcher | undefined>).flatMap(([label, value]) => {
      if (value === undefined) return []
      if (!series.labels.includes(label)) throw new TypeError(`PromQL: ${name} has no label ${label}`)
      if (label === 'le' && typeof value === 'string') checkBound(name, series.description, value)
      if (typeof value !== 'string') return [`${label}${value.operator}${stringText(value.value)}`]
      const known = (targetLabels as readonly string[]).includes(label) ? 'open' : series.description.labels[label]
      if (Array.isArray(known) && !known.includes(value)) {
        throw new TypeError(
          `PromQL: ${label} of ${name} is never ${JSON.stringify(value)}, but one of ${known.join(', ')}`,
        )
      }
      return [`${label}=${stringText(value)}`]
    })
    const text = matchers.length > 0 ? `${name}{${matchers.join(', ')}}` : name
    return { text, labels: series.labels as never, precedence: 9, isSelector: true }
  }
}

/** A bucket that there is not selects nothing, without a word. */
function checkBound(name: string, { buckets }: MetricDescription, bound: string): void {
  if (!buckets || bound === '+Inf' || buckets.includes(Number(bound))) return
  throw new TypeError(`PromQL: le of ${name} is never ${JSON.stringify(bound)}, but one of ${buckets.join(', ')}, +Inf`)
}
