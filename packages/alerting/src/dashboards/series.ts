import type { MetricCatalogue } from '../catalogue/description.ts'
import { prefixed } from '../catalogues/prefixed.ts'
import { type Matcher, matching, type Select, selectFrom } from '../promql/select.ts'

/** The targets that the dashboard's variables choose. */
export const chosen: { readonly job: Matcher; readonly instance: Matcher } = {
  job: matching('$job'),
  instance: matching('$instance'),
}

/** Returns what selects series of the catalogue by their names without the prefix. */
export function selectPrefixed<C extends MetricCatalogue>(prefix: string, catalogue: C): Select<C> {
  const select = selectFrom(prefixed(prefix, catalogue) as MetricCatalogue)
  return ((name: string, where?: object) => select(`${prefix}${name}`, where)) as unknown as Select<C>
}
