/** The queries of the dashboards, put to a real Prometheus: one that knows nothing, and one that scrapes TokMesh. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runtime, serve } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Child, startChild } from '../apps/tokmesh/src/acceptance/child.ts'
import { adminKey, metricsKey } from '../apps/tokmesh/src/acceptance/support.ts'
import { allQueries, asked, emptyPanels, queriesNamed } from './support/dashboard-queries.ts'
import { configuration, eventually, hasPrometheus, type Prometheus, startPrometheus } from './support/prometheus.ts'

const skipped = hasPrometheus ? '' : ' (skipped: prometheus is not installed)'

const cleanUp: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of cleanUp.reverse()) await step().catch(() => {})
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'honoscope-dashboards-'))
  cleanUp.push(() => rm(path, { recursive: true, force: true }))
  return path
}

describe.skipIf(!hasPrometheus)(`a Prometheus without a series${skipped}`, () => {
  let prometheus: Prometheus
  beforeAll(async () => {
    prometheus = await startPrometheus(await folder(), configuration({}))
    cleanUp.push(prometheus.stop)
    await eventually(
      () => prometheus.query('vector(1)'),
      (samples) => samples.length === 1,
    )
  })

  it.each(allQueries)('understands every query of %s', async (_name, queries) => {
    for (const { place, query, label } of queries) {
      const found = await prometheus.query(asked(query)).catch((error) => `${place}: ${error}`)
      // `or vector(0)` divided by nothing is nothing, too.
      expect(found, place).toEqual([])
      if (label === undefined) continue
      const path = `label/${label}/values?match[]=${encodeURIComponent(asked(query))}`
      expect(await prometheus.ask(path), place).toEqual([])
    }
  })
})

const noExporter = 'postgres_exporter does not run here'
const noFault = 'nothing has gone wrong, and what could is no closed list: without a fault there is no series'
const otherJob = 'Prometheus, Alertmanager and the receiver are not scraped here'
const ofNode = 'only Node tells this'

/** Panels that have nothing to show for one TokMesh without a fault, by their dashboard, with the reason. */
const empty: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tokmesh: {
    'Free space of /data': 'node_exporter does not run here',
    'Gossip lag': 'a node alone hears of no peer',
    'Replication lag': 'there is no standby',
    'Server errors by path': 'no answer was a 5xx, and no line means that there was none',
  },
  'tokmesh-service': { 'Errors by route': 'no answer was a 5xx, and no line means that there was none' },
  'tokmesh-database': {
    'Connections by state': noExporter,
    "Connections of the server's maximum": noExporter,
    Deadlocks: noExporter,
    'Longest transaction': noExporter,
    'Replica lag': noExporter,
    Size: noExporter,
    Up: noExporter,
  },
  runtime:
    runtime === 'node'
      ? { 'Delay of Bun': 'Node runs here' }
      : {
          'Active resources': ofNode,
          Collections: ofNode,
          'Delay of Node': ofNode,
          'Heap of its limit': ofNode,
          'Pauses, P99': ofNode,
          'Time in pauses': ofNode,
          Utilisation: ofNode,
        },
  telemetry: {
    'Alerts firing': otherJob,
    'Alerts received': otherJob,
    'Collectors left out of a scrape': noFault,
    'Hooks of instruments that failed': noFault,
    'Label values that became "other"': noFault,
    'Lost before Alertmanager': otherJob,
    'Members of the cluster': otherJob,
    'Messages that wait, and dead letters': otherJob,
    'Notifications of Alertmanager': otherJob,
    'Notifications of the receiver': otherJob,
    Remediations: otherJob,
    'Values that no metric could take': noFault,
  },
}

describe.skipIf(!hasPrometheus)(`a Prometheus that scrapes TokMesh under ${runtime}${skipped}`, () => {
  let tokmesh: Child
  let prometheus: Prometheus

  beforeAll(async () => {
    const database = await testDatabase()
    cleanUp.push(() => database.drop())
    const collector = await serve(() => Response.json({}))
    cleanUp.push(collector.stop)
    tokmesh = await startChild({
      DATABASE_URL: database.url,
      TOKMESH_TELEMETRY_TRACING_ENABLED: 'true',
      TOKMESH_TELEMETRY_TRACING_ENDPOINT: collector.url,
      TOKMESH_TELEMETRY_TRACING_SAMPLING_RATIO: '1',
      TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
      TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
    })
    cleanUp.push(() => tokmesh.kill('SIGKILL'))
    await tokmesh.ready()
    const path = await folder()
    const keyFile = join(path, 'key')
    await writeFile(keyFile, metricsKey)
    prometheus = await startPrometheus(path, configuration({ tokmesh: { url: tokmesh.url, keyFile } }))
    cleanUp.push(prometheus.stop)
    await eventually(
      () => prometheus.query('up'),
      (samples) => samples[0]?.value[1] === '1',
    )
    await someLoad()
  })

  /** Requests of each kind, for as long as a rate needs. */
  async function someLoad(): Promise<void> {
    const until = performance.now() + 12_000
    const key = adminKey
    for (let user = 0; performance.now() < until; user += 1) {
      const { data } = await tokmesh.call('POST', '/sessions', { key, body: { user_id: `user-${user}` } })
      for (const token of [data.token, 'tmtk_wrong']) {
        await tokmesh.call('POST', '/tokens/validate', { key, body: { token } })
      }
      // Some stay, or there is nothing to compare the shares of nodes by.
      if (user % 2 === 0) await tokmesh.call('POST', `/sessions/${data.session_id}/revoke`, { key })
      await tokmesh.call('GET', `/sessions/${data.session_id}`, { key: `${key.slice(0, -4)}0000` })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  it.each(Object.keys(empty))('has data for every panel of %s but those that can have none', async (name) => {
    expect(await emptyPanels(prometheus, name)).toEqual(Object.keys(empty[name] ?? {}).sort())
  })

  it.each(Object.keys(empty))('offers values for the variables of %s', async (name) => {
    for (const { place, query, label } of queriesNamed(name).filter((each) => each.label !== undefined)) {
      // That of postgres_exporter, which does not run here.
      if (label === 'datname') continue
      const values = await prometheus.ask<string[]>(`label/${label}/values?match[]=${encodeURIComponent(asked(query))}`)
      expect({ name, place, values }).toEqual({ name, place, values: expect.arrayContaining([expect.any(String)]) })
    }
  })
  it('finds the trace of a slow request: the exemplars have the label that the data source links', async () => {
    const duration = queriesNamed('tokmesh').filter(({ place }) => place === 'panel "Duration", query C')
    expect(duration).toHaveLength(1)
    const now = Date.now() / 1000
    const path = `query_exemplars?start=${now - 120}&end=${now}&query=${encodeURIComponent(asked(duration[0]?.query ?? ''))}`
    const found = await prometheus.ask<{ exemplars: { labels: Record<string, string> }[] }[]>(path)
    const ids = found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id))
    expect(ids.length).toBeGreaterThan(0)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  })
})
