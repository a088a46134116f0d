/** The queries of the dashboards, as Grafana would put them to Prometheus. */
import { type DashboardQuery, dashboards, queriesOf } from '@honoscope/alerting/dashboards'
import type { Prometheus } from './prometheus.ts'

/** The queries of each dashboard by its name. */
export const allQueries: readonly (readonly [string, readonly DashboardQuery[]])[] = Object.entries(dashboards).map(
  ([name, make]) => [name, queriesOf(make())],
)

/** The queries of one dashboard. */
export function queriesNamed(name: string): readonly DashboardQuery[] {
  const found = allQueries.find(([other]) => other === name)
  if (!found) throw new Error(`no dashboard ${name}`)
  return found[1]
}

/** As Grafana asks when everything is chosen; half a minute is enough for scrapes of each second. */
export const asked = (query: string): string =>
  query.replaceAll('$__rate_interval', '30s').replaceAll(/\$[a-z_]+/g, '.+')

/** Titles of the panels for which no query gives a number: Grafana would draw nothing. */
export async function emptyPanels(prometheus: Prometheus, name: string): Promise<readonly string[]> {
  const panels = new Map<string, boolean>()
  for (const { place, query } of queriesNamed(name)) {
    const [, title] = /^panel (".*"), query /.exec(place) ?? []
    if (title === undefined || panels.get(title)) continue
    const samples = await prometheus.query(asked(query))
    panels.set(
      title,
      samples.some(({ value }) => value[1] !== 'NaN'),
    )
  }
  return [...panels].flatMap(([title, hasData]) => (hasData ? [] : [JSON.parse(title)])).sort()
}
