import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { prometheusCatalogue, runtimeCatalogue } from '../catalogues/index.ts'
import { checkExpression } from '../promql/check.ts'
import { dashboards } from './index.ts'

const folder = fileURLToPath(new URL('../../../../deploy/grafana/', import.meta.url))
/** As Grafana reads it: `$$` is one `$`, and what else begins with `$` is of the environment. */
const provisioned = (file: string) => {
  const text = readFileSync(`${folder}provisioning/${file}`, 'utf8')
  const uncommented = text.replace(/^ *#.*$/gm, '')
  expect(uncommented.replaceAll('$$', '')).not.toContain('$')
  return parse(text.replaceAll('$$', '$'))
}

interface Source {
  readonly uid: string
  readonly type: string
  readonly url: string
  // biome-ignore lint/suspicious/noExplicitAny: each type of data source has its own.
  readonly jsonData: any
}
const sources: readonly Source[] = provisioned('datasources/honoscope.yaml').datasources
const source = (uid: string) => sources.find((each) => each.uid === uid)
const json = (uid: string) => source(uid)?.jsonData

describe('the provisioning of data sources', () => {
  it('has one of each type that the dashboards choose from', () => {
    const types = sources.map(({ type }) => type).sort()
    const chosen = Object.values(dashboards).flatMap((make) =>
      (make().templating.list ?? []).flatMap(({ type, query }) => (type === 'datasource' ? [String(query)] : [])),
    )
    expect([...new Set(chosen)].sort()).toEqual(types)
  })

  it('names only data sources that it has', () => {
    const named = [...JSON.stringify(sources).matchAll(/"datasourceUid":"([^"]+)"/g)].map(([, uid]) => uid)
    expect(named.length).toBe(4)
    for (const uid of named) expect(source(uid ?? '')).toBeDefined()
  })

  it('knows how often Prometheus scrapes, or rates would have gaps', () => {
    const { global } = parse(readFileSync(`${folder}../prometheus/prometheus.yml`, 'utf8'))
    expect(json('prometheus').timeInterval).toBe(global.scrape_interval)
  })

  it('leads from an exemplar to its trace, and to the log lines of that', () => {
    const [trace, logs] = json('prometheus').exemplarTraceIdDestinations
    expect(trace).toMatchObject({ name: 'trace_id', datasourceUid: 'tempo' })
    const url = new URL(logs.url.replace(/\$\{__value\.raw\}/, 'a'.repeat(32)), 'https://example.com')
    expect(url.pathname).toBe('/explore')
    const { a } = JSON.parse(url.searchParams.get('panes') ?? '')
    expect(source(a.datasource)?.type).toBe('loki')
    expect(a.queries[0].expr).toBe(`{app=~".+"} | json | trace_id="${'a'.repeat(32)}"`)
  })

  it('leads from a log line to its trace', () => {
    const [{ matcherRegex, datasourceUid }] = json('loki').derivedFields
    const line =
      '{"timestamp":"2026-11-22T08:12:15.707Z","level":"ERROR","trace_id":"0af7651916cd43dd8448eb211c80319c"}'
    expect(new RegExp(matcherRegex).exec(line)?.[1]).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(new RegExp(matcherRegex).exec('{"message":"without a trace"}')).toBeNull()
    expect(source(datasourceUid)?.type).toBe('tempo')
  })

  it('leads from a span to metrics that there are', () => {
    const catalogue = { ...prometheusCatalogue, ...runtimeCatalogue }
    const { queries, tags } = json('tempo').tracesToMetrics
    const label = tags[0].value
    for (const { query } of queries) {
      expect(checkExpression(query.replace('$__tags', `${label}="tokmesh"`), { catalogue })).toEqual([])
    }
  })
})

describe('the provisioning of dashboards', () => {
  it('finds a file for each of them, and no other', () => {
    const [provider] = provisioned('dashboards/honoscope.yaml').providers
    expect(provider).toMatchObject({ type: 'file', allowUiUpdates: false })
    const files = readdirSync(`${folder}dashboards`).sort()
    expect(files).toEqual(
      Object.keys(dashboards)
        .map((name) => `${name}.json`)
        .sort(),
    )
  })
})
