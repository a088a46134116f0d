import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Child, startChild } from '../apps/tokmesh/src/acceptance/child.ts'
import {
  configuration,
  eventually,
  hasPrometheus,
  type Prometheus,
  type Relay,
  startPrometheus,
  startRelay,
} from './support/prometheus.ts'

const title = `a real Prometheus, scraping TokMesh${hasPrometheus ? '' : ' (skipped: prometheus is not installed)'}`

/** Types of the families that are mandatory, by the contract's section 8.2. */
const families: Readonly<Record<string, 'gauge' | 'counter' | 'histogram'>> = {
  tokmesh_sessions_active_total: 'gauge',
  tokmesh_session_create_total: 'counter',
  tokmesh_token_validate_calls_total: 'counter',
  tokmesh_api_request_duration_seconds: 'histogram',
  tokmesh_cluster_nodes_total: 'gauge',
  tokmesh_cluster_nodes_parity: 'gauge',
  tokmesh_gossip_propagation_lag_seconds: 'histogram',
  tokmesh_shard_keys_count: 'gauge',
  tokmesh_replication_lag_seconds: 'gauge',
  tokmesh_session_revoke_propagation_lag_seconds: 'histogram',
  tokmesh_cpu_usage_ratio: 'gauge',
  tokmesh_mem_usage_bytes: 'gauge',
  tokmesh_wal_write_bytes_total: 'counter',
  tokmesh_wal_fsync_failed_total: 'counter',
  tokmesh_cluster_quorum_lost: 'gauge',
  tokmesh_mem_limit_bytes: 'gauge',
  tokmesh_auth_failures_total: 'counter',
  tokmesh_tls_reload_failures_total: 'counter',
}

/** Answers of Prometheus's HTTP API, as far as the tests look into them. */
interface Target {
  readonly labels: { readonly job: string }
  readonly health: string
  readonly lastError: string
}
interface Metadata {
  readonly metric: string
  readonly type: string
  readonly help: string
}
describe.skipIf(!hasPrometheus)(title, () => {
  const cleanUp: (() => Promise<unknown>)[] = []
  const relays: Record<'openmetrics' | 'classic', Relay | undefined> = { openmetrics: undefined, classic: undefined }
  let tokmesh: Child
  let adminKey = ''
  let prometheus: Prometheus

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'honoscope-prometheus-'))
    cleanUp.push(() => rm(folder, { recursive: true, force: true }))
    tokmesh = await startChild({ TOKMESH_STORAGE_DATA_DIR: 'memory://' })
    cleanUp.push(() => tokmesh.kill('SIGKILL'))
    await tokmesh.ready()
    const [, admin = '', metrics = ''] =
      /^bootstrap admin key: (\S+)\nbootstrap metrics key: (\S+)$/m.exec(tokmesh.stderr()) ?? []
    adminKey = admin
    const keyFile = join(folder, 'metrics-key')
    const wrongKeyFile = join(folder, 'wrong-key')
    await writeFile(keyFile, metrics)
    await writeFile(wrongKeyFile, `${metrics.slice(0, -4)}0000`)
    relays.openmetrics = await startRelay(tokmesh.url)
    cleanUp.push(relays.openmetrics.stop)
    relays.classic = await startRelay(tokmesh.url, 'text/plain;version=0.0.4')
    cleanUp.push(relays.classic.stop)
    const config = configuration({
      direct: { url: tokmesh.url, keyFile },
      openmetrics: { url: relays.openmetrics.url, keyFile },
      classic: { url: relays.classic.url, keyFile },
      'wrong-key': { url: tokmesh.url, keyFile: wrongKeyFile },
    })
    prometheus = await startPrometheus(folder, config)
    cleanUp.push(prometheus.stop)
  })
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step().catch(() => {})
  })

  const targets = async () => {
    const { activeTargets } = await prometheus.ask<{ activeTargets: Target[] }>('targets')
    return Object.fromEntries(activeTargets.map(({ labels, health, lastError }) => [labels.job, { health, lastError }]))
  }

  it('shows the target up and no error, in both formats; a wrong key is a 401', async () => {
    const up = { health: 'up', lastError: '' }
    const expected = {
      direct: up,
      openmetrics: up,
      classic: up,
      'wrong-key': { health: 'down', lastError: 'server returned HTTP status 401 Unauthorized' },
    }
    // A machine under load may be too slow for the first scrape or two.
    expect(await eventually(targets, (found) => isDeepStrictEqual(found, expected))).toEqual(expected)
    const values = async () =>
      Object.fromEntries((await prometheus.query('up')).map(({ metric, value }) => [metric.job, value[1]]))
    const stored = { direct: '1', openmetrics: '1', classic: '1', 'wrong-key': '0' }
    expect(await eventually(values, (found) => isDeepStrictEqual(found, stored))).toEqual(stored)
    for (const { accept, contentType } of relays.openmetrics?.scrapes ?? []) {
      expect(accept).toContain('application/openmetrics-text')
      expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    }
    for (const { contentType } of relays.classic?.scrapes ?? []) {
      expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    }
    expect(relays.openmetrics?.scrapes.length).toBeGreaterThan(0)
    expect(relays.classic?.scrapes.length).toBeGreaterThan(0)
  }, 90_000)

  it.each(['classic', 'openmetrics'])(
    'knows type and help of every mandatory family, from the %s format',
    async (job) => {
      const path = `targets/metadata?match_target=${encodeURIComponent(`{job="${job}"}`)}`
      const found = await eventually(
        () => prometheus.ask<Metadata[]>(path),
        (all) => all.length > 0,
      )
      const known = new Map(found.map(({ metric, type, help }) => [metric, { type, help }]))
      for (const [name, type] of Object.entries(families)) {
        // OpenMetrics names a counter's family without the suffix of its sample.
        const family = job === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name
        expect({ family, ...known.get(family) }).toEqual({ family, type, help: expect.stringMatching(/\w.*\.$/) })
      }
    },
    90_000,
  )

  it('has a series of each of them from the start, but for replication without a standby', async () => {
    for (const job of ['direct', 'openmetrics', 'classic']) {
      const path = `label/__name__/values?match[]=${encodeURIComponent(`{job="${job}"}`)}`
      const names = await eventually(
        () => prometheus.ask<string[]>(path),
        (all) => all.includes('tokmesh_wal_write_bytes_total'),
      )
      const expected = Object.entries(families)
        .filter(([name]) => name !== 'tokmesh_replication_lag_seconds')
        .map(([name, type]) => (type === 'histogram' ? `${name}_bucket` : name))
      expect(names).toEqual(expect.arrayContaining(expected))
      expect(names).toEqual(expect.arrayContaining(['honoscope_series', 'process_resident_memory_bytes']))
      expect(names.filter((name) => name.startsWith('tokmesh_replication_lag'))).toEqual([])
    }
  }, 90_000)

  it('sees the counters move, and can take quantiles of the latency', async () => {
    const created = 'tokmesh_session_create_total'
    // The counter must have been seen at 0: it is its rise that alerts are made of.
    await eventually(
      () => prometheus.query(created),
      (samples) => samples.length === 3,
    )
    const tokens: string[] = []
    for (const user_id of ['a', 'b', 'c']) {
      tokens.push((await tokmesh.call('POST', '/sessions', { key: adminKey, body: { user_id } })).data.token)
    }
    for (const token of [...tokens, 'tmtk_wrong']) {
      await tokmesh.call('POST', '/tokens/validate', { key: adminKey, body: { token } })
    }
    const valuesOf = async (expression: string) => {
      const samples = await prometheus.query(expression)
      return Object.fromEntries(samples.map(({ metric, value }) => [metric.job, Number(value[1])]))
    }
    const reaches = async (expression: string, least: number) => {
      const all = (values: Record<string, number>) =>
        Object.keys(values).length === 3 && Object.values(values).every((value) => value >= least)
      return eventually(() => valuesOf(expression), all)
    }
    const inEach = (value: unknown) => ({ direct: value, openmetrics: value, classic: value })
    expect(await reaches(created, 3)).toEqual(inEach(3))
    expect(await reaches('tokmesh_sessions_active_total', 3)).toEqual(inEach(3))
    expect(await reaches('tokmesh_token_validate_calls_total{result="valid"}', 3)).toEqual(inEach(3))
    const route = '{method="POST",path="/tokens/validate",status="200"}'
    expect(await reaches(`tokmesh_api_request_duration_seconds_count${route}`, 3)).toEqual(inEach(3))
    const buckets = `tokmesh_api_request_duration_seconds_bucket${route}`
    const p99 = `histogram_quantile(0.99, sum by (job, le) (rate(${buckets}[5m])))`
    const quantiles = await reaches(p99, Number.MIN_VALUE)
    expect(Object.keys(quantiles).sort()).toEqual(['classic', 'direct', 'openmetrics'])
    for (const quantile of Object.values(quantiles)) {
      expect(quantile).toBeGreaterThan(0)
      expect(quantile).toBeLessThanOrEqual(1)
    }
  }, 150_000)

  it('has complained of no sample: none twice, none out of order, none with a label too many', async () => {
    const metrics = await prometheus.metrics()
    const complaints = metrics.matchAll(/^(prometheus_target_scrapes_\w+_total) (\S+)$/gm)
    const counts = Object.fromEntries([...complaints].map(([, name, count]) => [name, Number(count)]))
    expect(counts).toHaveProperty('prometheus_target_scrapes_sample_duplicate_timestamp_total')
    for (const [name, count] of Object.entries(counts)) expect({ name, count }).toEqual({ name, count: 0 })
    expect(prometheus.log()).toBe('')
  })
})
