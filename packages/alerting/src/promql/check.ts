import { parser } from '@prometheus-io/lezer-promql'
import { type MetricCatalogue, targetLabels } from '../catalogue/description.ts'
import { findSeries } from '../catalogue/series.ts'

/** What an expression may name. */
export interface Known {
  readonly catalogue: MetricCatalogue
  /** Labels of the series that recording rules make, by name. */
  readonly recorded?: ReadonlyMap<string, readonly string[]>
}

/** A vector selector of an expression. */
export interface SelectorUse {
  /** Name of the series; `undefined` when only labels select. */
  readonly series: string | undefined
  /** Names of the labels that its matchers name. */
  readonly labels: readonly string[]
}

/** Grafana's variables stand where PromQL wants durations and strings; Prometheus knows none of them. */
const withoutVariables = (text: string): string =>
  text.replace(/\$__(rate_interval|interval|range)/g, '5m').replace(/\$\{?([a-z_]+)(:[a-z]+)?\}?/g, '$1')

/**
 * Returns the selectors of an expression, which may hold variables of Grafana.
 *
 * @throws TypeError with the place where the text is not PromQL.
 */
export function selectorsOf(text: string): readonly SelectorUse[] {
  const promql = withoutVariables(text)
  const found: { series: string | undefined; labels: string[] }[] = []
  parser.parse(promql).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) throw new TypeError(`not PromQL at ${JSON.stringify(promql.slice(from, from + 20))}: ${text}`)
      if (type.name === 'VectorSelector') {
        const name = node.getChild('Identifier')
        found.push({ series: name ? promql.slice(name.from, name.to) : undefined, labels: [] })
      }
      if (type.name === 'LabelName' && node.parent?.name.endsWith('LabelMatcher')) {
        found.at(-1)?.labels.push(promql.slice(from, to))
      }
    },
  })
  return found
}

/** Returns what is wrong with the expression, as sentences: bad syntax, series and labels that are not known. */
export function checkExpression(text: string, { catalogue, recorded = new Map() }: Known): readonly string[] {
  let selectors: readonly SelectorUse[]
  try {
    selectors = selectorsOf(text)
  } catch (error) {
    return [(error as Error).message]
  }
  return selectors.flatMap(({ series, labels }) => {
    if (series === undefined) return []
    const known = recorded.get(series) ?? findSeries(catalogue, series)?.labels
    if (!known) return [`the catalogue has no series ${series}`]
    return labels
      .filter((label) => !known.includes(label) && !(targetLabels as readonly string[]).includes(label))
      .map((label) => `${series} has no label ${label}`)
  })
}
