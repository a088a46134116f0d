import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { expect, it } from 'vitest'
import { bundles } from '../bundles/index.ts'
import { type DashboardName, dashboards, queriesOf } from './index.ts'

const alerts = Object.values(bundles).flatMap(({ rules }) => rules.groups.flatMap((group) => group.rules))

/** The number with which the alert compares; several alerts of a name have the same. */
function thresholdOf(alert: string): number {
  const found = alerts.filter(({ name }) => name === alert)
  const numbers = found.flatMap(({ expr }) =>
    [...expr.text.matchAll(/[<>]=? ([0-9.]+)(?: \* |$)/g)].map(([, n]) => Number(n)),
  )
  expect(numbers.length, alert).toBeGreaterThan(0)
  return numbers[0] as number
}

const panelOf = (dashboard: Dashboard, title: string): Panel | undefined =>
  (dashboard.panels ?? []).find((panel): panel is Panel => panel.title === title && panel.type !== 'row')

/** Alerts that the descriptions of panels name, each with what it is said to do. */
function describedIn(boards: readonly Dashboard[]) {
  const text = boards
    .flatMap(({ panels = [] }) => panels.map((panel) => ('description' in panel ? panel.description : '')))
    .join(' ')
  return [...text.matchAll(/\b([A-Z][A-Za-z]+) (fires|pages|warns)\b/g)]
}

/** Panels that turn yellow or red where an alert fires. */
const pairs: readonly (readonly [DashboardName, string, string])[] = [
  ['tokmesh', 'Validate, P99', 'HighTokenValidateLatency'],
  ['tokmesh', 'P99 by path', 'HighTokenValidateLatency'],
  ['tokmesh', 'Refused keys', 'HighAuthFailureRate'],
  ['tokmesh', 'Revoke lag, P99', 'HighSessionRevokePropagationLag'],
  ['tokmesh', 'Revoke lag, P99', 'CriticalSessionRevokePropagationLag'],
  ['tokmesh', 'Revoke lag', 'CriticalSessionRevokePropagationLag'],
  ['tokmesh', 'Skew', 'DataSkew'],
  ['tokmesh', 'CPU', 'HighResourceUsage'],
  ['tokmesh', 'Memory of its limit', 'HighResourceUsage'],
  ['tokmesh', 'Free space of /data', 'DiskSpaceLow'],
  ['tokmesh', 'Replication lag', 'ReplicationLag'],
  ['tokmesh', 'Connections of the maximum', 'DatabaseConnectionPoolExhaustion'],
  ['tokmesh-database', 'Connections of the maximum', 'DatabaseConnectionPoolExhaustion'],
  ['database', "Connections of the server's maximum", 'PostgresConnectionsHigh'],
  ['ai', 'Query duration', 'HighSQLQueryLatency'],
  ['ai', 'Accuracy', 'LowAIAccuracy'],
  ['telemetry', 'Series of each process', 'MetricSeriesExplosion'],
]

it.each(pairs)('%s: "%s" changes its colour where %s fires', (name, title, alert) => {
  const steps = panelOf(dashboards[name](), title)?.fieldConfig?.defaults.thresholds?.steps ?? []
  expect(steps.map(({ value }) => value)).toContain(thresholdOf(alert))
})

/** What the first query of the panel asks, of all targets. */
function queryOf(title: string): string {
  const place = `panel ${JSON.stringify(title)}, query A`
  const query = queriesOf(dashboards.tokmesh()).find((one) => one.place === place)?.query ?? ''
  return query.replace(/job=~"\$job", instance=~"\$instance"(, )?/g, '').replaceAll('{}', '')
}

it.each([
  ['Validate, P99', 'HighTokenValidateLatency'],
  ['Refused keys', 'HighAuthFailureRate'],
  ['Quorum lost', 'ClusterSplitBrain'],
  ['Revoke lag, P99', 'CriticalSessionRevokePropagationLag'],
  ['Commits refused in 5 min', 'WALWriteFailure'],
])('"%s" of TokMesh shows the number that %s compares', (title, alert) => {
  expect(alerts.find(({ name }) => name === alert)?.expr.text).toContain(`${queryOf(title)} `)
  expect(queryOf(title)).not.toBe('')
})

it('"Server errors" of TokMesh counts what its objective counts, not probes', () => {
  const [bad, events] = ['slo:bad_events:rate5m', 'slo:events:rate5m'].map(
    (name) => alerts.find((rule) => rule.name === name && rule.labels?.slo === 'TokMeshAvailability')?.expr.text,
  )
  expect(queryOf('Server errors')).toBe(`(${bad?.split(' or ')[0]} or vector(0)) / ${events}`)
})

it('turns red below a limit where less is worse', () => {
  const steps = panelOf(dashboards.ai(), 'Accuracy')?.fieldConfig?.defaults.thresholds?.steps
  expect(steps).toEqual([
    { value: null, color: 'red' },
    { value: 0.85, color: 'yellow' },
    { value: 0.9, color: 'green' },
  ])
})

it('of TokMesh names the alerts of TokMesh, not those of another service', () => {
  const own = bundles.tokmesh?.rules.groups.flatMap((group) => group.rules.map(({ name }) => name)) ?? []
  const named = describedIn([dashboards.tokmesh()]).map(([, name]) => name)
  expect(named.length).toBeGreaterThan(5)
  expect(own).toEqual(expect.arrayContaining(named))
})

it('names alerts that there are, which page or warn as it says', () => {
  const named = describedIn(Object.values(dashboards).map((make) => make()))
  expect(named.length).toBeGreaterThan(10)
  for (const [, name = '', verb = ''] of named) {
    const severities = alerts.flatMap((rule) => (rule.kind === 'alert' && rule.name === name ? [rule.severity] : []))
    const wanted = { fires: severities, pages: ['critical'], warns: ['warning'] }[verb]
    expect(severities.length, name).toBeGreaterThan(0)
    expect(wanted, `${name} ${verb}`).toEqual(expect.arrayContaining([...severities]))
  }
})
