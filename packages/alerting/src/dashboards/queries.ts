import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'

/** A PromQL query of a dashboard, with its place. */
export interface DashboardQuery {
  /** `panel "Requests", query A`, `variable route`, `annotation "Firing: critical"`. */
  readonly place: string
  /** PromQL, with Grafana's variables in it; of a variable the series whose label is looked up. */
  readonly query: string
  /** The label that a variable looks up; of panels and annotations none. */
  readonly label?: string
}

/**
 * Returns every PromQL query of the dashboard: of its panels, also within rows, its variables and annotations.
 *
 * @throws TypeError for a query variable other than `label_values(series, label)`.
 * @example
 * ```ts
 * import { dashboards, queriesOf } from '@honoscope/alerting/dashboards'
 *
 * for (const { place, query } of queriesOf(dashboards.runtime())) console.log(`${place}: ${query}`)
 * ```
 */
export function queriesOf(dashboard: Dashboard): readonly DashboardQuery[] {
  return [
    ...(dashboard.panels ?? []).flatMap(ofPanel),
    ...(dashboard.templating.list ?? []).flatMap(({ type, name, query }) =>
      type === 'query' ? [ofVariable(name, query)] : [],
    ),
    ...(dashboard.annotations.list ?? []).flatMap(({ name, expr }) =>
      expr === undefined ? [] : [{ place: `annotation ${JSON.stringify(name)}`, query: expr }],
    ),
  ]
}

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row'

function ofPanel(panel: Panel | RowPanel): readonly DashboardQuery[] {
  if (isRow(panel)) return panel.panels.flatMap(ofPanel)
  return (panel.targets ?? []).flatMap((target) => {
    const { refId, expr } = target as { readonly refId?: string; readonly expr?: string }
    return expr === undefined ? [] : [{ place: `panel ${JSON.stringify(panel.title)}, query ${refId}`, query: expr }]
  })
}

function ofVariable(name: string, query: string | Record<string, unknown> | undefined): DashboardQuery {
  const text = typeof query === 'object' ? String(query.query) : (query ?? '')
  const [, series, label] = /^label_values\((.+), *([a-z_]+)\)$/.exec(text) ?? []
  if (series === undefined || label === undefined) throw new TypeError(`variable ${name}: ${text} is no label_values()`)
  return { place: `variable ${name}`, query: series, label }
}
