import type { MetricCatalogue } from './description.ts'

/**
 * Returns the catalogues as one. The same metric may stand in several as long as they agree about its type and labels.
 *
 * @throws TypeError that names the metric which two of them describe differently.
 * @example
 * ```ts
 * import { combineCatalogues } from '@honoscope/alerting'
 * import { kubernetesCatalogue, tokmeshCatalogue } from '@honoscope/alerting/catalogues'
 *
 * const catalogue = combineCatalogues(tokmeshCatalogue, kubernetesCatalogue)
 * ```
 */
export function combineCatalogues<const C extends readonly MetricCatalogue[]>(...catalogues: C): Combined<C> {
  const all: Record<string, MetricCatalogue[string]> = {}
  for (const catalogue of catalogues) {
    for (const [name, description] of Object.entries(catalogue)) {
      const before = all[name]
      if (before && shape(before) !== shape(description)) {
        throw new TypeError(`combineCatalogues: ${name} is described in two ways`)
      }
      all[name] = description
    }
  }
  return all as Combined<C>
}

const shape = ({ type, labels }: MetricCatalogue[string]) => `${type} ${Object.keys(labels).sort()}`

/** The metrics of all of them. */
export type Combined<C extends readonly MetricCatalogue[]> = C extends readonly [
  infer First extends MetricCatalogue,
  ...infer Rest extends readonly MetricCatalogue[],
]
  ? First & Combined<Rest>
  : // biome-ignore lint/complexity/noBannedTypes: the intersection with it is the other side
    {}
