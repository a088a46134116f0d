import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import { describe, expect, it } from 'vitest'
import { bundles } from '../bundles/index.ts'
import type { MetricCatalogue } from '../catalogue/description.ts'
import { findSeries } from '../catalogue/series.ts'
import * as catalogues from '../catalogues/index.ts'
import { checkExpression, selectorsOf } from '../promql/check.ts'
import { dashboards, databaseDashboard, queriesOf, serviceDashboard } from './index.ts'
import { placeholder } from './placeholder.ts'

const { prefixed: _, ...described } = catalogues
/** What the code and the exporters that it names really tell. */
const catalogue: MetricCatalogue = Object.assign({}, ...Object.values(described))
const built: readonly (readonly [string, Dashboard])[] = Object.entries(dashboards).map(([name, make]) => [
  name,
  make({ runbookUrl: 'https://example.com/runbook' }),
])
const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row'
const panelsOf = ({ panels = [] }: Dashboard): readonly Panel[] =>
  panels.filter((panel): panel is Panel => !isRow(panel))

describe.each(built)('%s', (name, dashboard) => {
  it('asks for series and labels that exist, in PromQL', () => {
    const queries = queriesOf(dashboard)
    expect(queries.length).toBeGreaterThan(10)
    const faults = queries.flatMap(({ place, query }) =>
      checkExpression(query, { catalogue }).map((fault) => `${place}: ${fault}`),
    )
    expect(faults).toEqual([])
    for (const { place, query, label } of queries) {
      if (label === undefined) continue
      const [selector] = selectorsOf(query)
      expect(findSeries(catalogue, selector?.series ?? '')?.labels, place).toContain(label)
    }
  })

  it('tells of each panel what it shows, in which unit, and asks the chosen data source', () => {
    const source = { type: 'prometheus', uid: placeholder('datasource') }
    for (const { title, description, fieldConfig, datasource, targets = [] } of panelsOf(dashboard)) {
      expect({ title, datasource, targets: targets.map((target) => Reflect.get(target, 'datasource')) }).toEqual({
        ...{ title: expect.stringMatching(/^[A-Z]/), datasource: source },
        targets: targets.map(() => source),
      })
      expect(targets.length).toBeGreaterThan(0)
      expect(fieldConfig?.defaults.unit, title).toMatch(/^[a-zA-Z_]+$/)
      expect(description, title).toMatch(/^.{30,}\.$/)
    }
  })

  it('fills the grid with panels, none of which lies on another', () => {
    const cells = new Set<string>()
    const all = dashboard.panels ?? []
    for (const { gridPos: { x, y, w, h } = { x: 0, y: 0, w: 0, h: 0 }, title } of all) {
      expect(x + w, title).toBeLessThanOrEqual(24)
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          expect(cells.has(`${column},${line}`), `${title} lies on another`).toBe(false)
          cells.add(`${column},${line}`)
        }
      }
    }
    const height = Math.max(...all.map(({ gridPos }) => (gridPos ? gridPos.y + gridPos.h : 0)))
    expect(cells.size).toBe(24 * height)
  })

  it('has ids and titles that stand once, and names each series', () => {
    const ids = (dashboard.panels ?? []).map(({ id }) => id)
    expect(ids).toEqual(ids.map((_, index) => index + 1))
    const titles = panelsOf(dashboard).map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
    for (const { title, targets = [] } of panelsOf(dashboard)) {
      const legends = targets.map((target) => Reflect.get(target, 'legendFormat'))
      expect(legends.every(Boolean), title).toBe(true)
      expect(new Set(legends).size, title).toBe(legends.length)
    }
  })

  it('is what provisioning takes: complete, without what belongs to one Grafana, the same each time', () => {
    const json = JSON.parse(JSON.stringify(dashboard))
    expect(json).toMatchObject({
      uid: expect.stringMatching(/^honoscope-[a-z-]{1,30}$/),
      title: expect.stringMatching(/^[A-Z]/),
      schemaVersion: expect.any(Number),
      tags: ['honoscope'],
      time: { from: 'now-1h', to: 'now' },
      templating: { list: expect.any(Array) },
      annotations: { list: expect.any(Array) },
    })
    for (const field of ['id', 'version', '__inputs', '__requires', 'gnetId']) expect(json).not.toHaveProperty(field)
    const again = dashboards[name as keyof typeof dashboards]({ runbookUrl: 'https://example.com/runbook' })
    expect(JSON.stringify(again)).toBe(JSON.stringify(dashboard))
  })

  it('uses no variable that it does not have', () => {
    const names = (dashboard.templating.list ?? []).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const used = [...JSON.stringify(dashboard).matchAll(/\$\{?([a-zA-Z_]+)/g)].map(([, name = '']) => name)
    const own = new Set(used.filter((name) => !name.startsWith('__')))
    expect([...own].filter((name) => !names.includes(name))).toEqual([])
    expect([...own]).toEqual(expect.arrayContaining(['datasource', 'logs', 'traces', 'trace_id', 'job']))
  })

  it('links the others, the trace, the logs and the runbook', () => {
    const links = Object.fromEntries((dashboard.links ?? []).map((link) => [link.title, link]))
    expect(links.Dashboards).toMatchObject({
      type: 'dashboards',
      tags: ['honoscope'],
      keepTime: true,
      includeVars: true,
    })
    expect(links.Runbook?.url).toBe('https://example.com/runbook')
    const pane = (url = '') => JSON.parse(new URL(url, 'https://example.com').searchParams.get('panes') ?? '{}').a
    expect(pane(links.Trace?.url)).toMatchObject({
      datasource: placeholder('traces'),
      queries: [{ queryType: 'traceql', query: placeholder('trace_id') }],
      range: { from: placeholder('__from'), to: placeholder('__to') },
    })
    expect(pane(links.Logs?.url).queries[0].expr).toBe(
      `{app=~"${placeholder('job', 'pipe')}"} | json | trace_id=~"${placeholder('trace_id')}.*"`,
    )
  })
})

describe('all dashboards', () => {
  it('have uids and titles of their own', () => {
    for (const field of ['uid', 'title'] as const) {
      const values = built.map(([, dashboard]) => dashboard[field])
      expect(new Set(values).size).toBe(values.length)
    }
  })

  it('mark the alerts of components that there are', () => {
    const components = Object.values(bundles).flatMap(({ rules }) =>
      rules.groups.flatMap((group) => group.rules.flatMap((rule) => (rule.kind === 'alert' ? [rule.component] : []))),
    )
    const marked = built.flatMap(([, dashboard]) =>
      queriesOf(dashboard).flatMap(({ query }) => /component=~"([a-z|-]+)"/.exec(query)?.[1]?.split('|') ?? []),
    )
    expect(marked.filter((component) => !components.includes(component))).toEqual([])
  })

  it('show exemplars where durations of requests, queries and calls are shown', () => {
    const exemplars = built.flatMap(([name, dashboard]) =>
      panelsOf(dashboard)
        .filter(({ targets = [] }) => targets.some((target) => Reflect.get(target, 'exemplar')))
        .map(() => name),
    )
    expect(new Set(exemplars)).toEqual(
      new Set(['service', 'database', 'ai', 'tokmesh', 'tokmesh-service', 'tokmesh-database']),
    )
  })
})

describe('a service of its own', () => {
  it('has its names, its labels and its uid', () => {
    const dashboard = serviceDashboard({
      prefix: 'shop_',
      names: { requests: 'requests_total', requestSize: false, responseSize: false, inFlight: false },
      labels: { route: 'handler', status: 'code' },
    })
    expect(dashboard).toMatchObject({ uid: 'honoscope-service-shop', title: 'Service: shop' })
    const queries = queriesOf(dashboard)
    expect(queries.find(({ place }) => place.startsWith('panel "Errors by route"'))?.query).toMatchInlineSnapshot(
      `"sum by (method, handler) (rate(shop_requests_total{job=~"$job", instance=~"$instance", handler=~"$handler", code=~"5.."}[$__rate_interval])) / sum by (method, handler) (rate(shop_requests_total{job=~"$job", instance=~"$instance", handler=~"$handler"}[$__rate_interval]))"`,
    )
    expect(JSON.stringify(queries)).not.toContain('http_requests')
    expect(dashboard.panels?.some(({ title }) => title === 'Load')).toBe(false)
    expect(databaseDashboard({ prefix: 'shop_' }).uid).toBe('honoscope-database-shop')
  })

  it('refuses what can not be', () => {
    expect(() => serviceDashboard({ prefix: 'shop-' })).toThrow(/prefix "shop-"/)
    expect(() => databaseDashboard({ prefix: 'a'.repeat(21) })).toThrow(/at most 20/)
    expect(() => dashboards.runtime({ runbookUrl: 'runbook.md' })).toThrow(/runbookUrl/)
    expect(() => dashboards.ai({ logsLabel: 'app"' })).toThrow(/logsLabel/)
    expect(() => serviceDashboard({ names: { duration: false } })).toThrow(/names.duration/)
    expect(() => serviceDashboard({ labels: { route: 'a-b' } })).toThrow(/labels.route/)
  })
})
