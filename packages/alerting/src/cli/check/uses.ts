import { queriesOf } from '../../dashboards/index.ts'
import { selectorsOf } from '../../promql/check.ts'
import { chosen, type Everything } from '../config.ts'

/** A series that a rule or a panel names, with its labels. */
export interface Use {
  /** `tokmesh: HighAuthFailureRate`, `dashboard runtime: panel "Heap", query A`. */
  readonly by: string
  readonly series: string
  readonly labels: readonly string[]
}

/** Returns what the rules and the panels name; only those of the bundles and dashboards that are named, if any is. */
export function usesOf(
  { rules, dashboards }: Everything,
  bundles: readonly string[],
  boards: readonly string[],
): readonly Use[] {
  const only = bundles.length + boards.length > 0
  const sets = only && bundles.length === 0 ? [] : chosen('bundle', rules, bundles)
  const makers = only && boards.length === 0 ? [] : chosen('dashboard', dashboards, boards)
  return [
    ...sets.flatMap(([name, set]) =>
      set.groups.flatMap((group) => group.rules.flatMap((rule) => uses(`${name}: ${rule.name}`, rule.expr.text))),
    ),
    ...makers.flatMap(([name, make]) =>
      queriesOf(make()).flatMap(({ place, query, label }) => uses(`dashboard ${name}: ${place}`, query, label)),
    ),
  ]
}

/** Returns the names of what the rules record: it is Prometheus that has it. */
export const recordedBy = ({ rules }: Everything): ReadonlySet<string> =>
  new Set(
    Object.values(rules).flatMap((set) =>
      set.groups.flatMap((group) => group.rules.flatMap((rule) => (rule.kind === 'record' ? [rule.name] : []))),
    ),
  )

const uses = (by: string, promql: string, label?: string): readonly Use[] =>
  selectorsOf(promql).flatMap(({ series, labels }) =>
    series === undefined ? [] : [{ by, series, labels: label === undefined ? labels : [...labels, label] }],
  )
