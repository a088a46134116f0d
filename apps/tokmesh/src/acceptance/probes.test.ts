import {
  hasOpenMetricsParser,
  hasPromtool,
  openMetricsSamples,
  promtoolComplaints,
  samplesOf,
} from '@honoscope/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey, databases, metricsKey, type Node, pause, startNode } from './support.ts'

const openMetrics = { Accept: 'application/openmetrics-text; version=1.0.0' }

/** Every family of the contract's 8.2 that is mandatory there, and its type. */
const mandatory: Readonly<Record<string, string>> = {
  sessions_active_total: 'gauge',
  session_create_total: 'counter',
  token_validate_calls_total: 'counter',
  api_request_duration_seconds: 'histogram',
  cluster_nodes_total: 'gauge',
  cluster_nodes_parity: 'gauge',
  gossip_propagation_lag_seconds: 'histogram',
  shard_keys_count: 'gauge',
  replication_lag_seconds: 'gauge',
  session_revoke_propagation_lag_seconds: 'histogram',
  cpu_usage_ratio: 'gauge',
  mem_usage_bytes: 'gauge',
  wal_write_bytes_total: 'counter',
  wal_fsync_failed_total: 'counter',
  cluster_quorum_lost: 'gauge',
  mem_limit_bytes: 'gauge',
  auth_failures_total: 'counter',
  tls_reload_failures_total: 'counter',
}

describe.each(databases)('probes and metrics on %s', (kind) => {
  let node: Node
  beforeAll(async () => {
    node = await startNode(kind)
  })
  afterAll(() => node?.stop())

  const scrape = async (headers: Record<string, string> = {}) =>
    (await node.call('GET', '/metrics', { key: metricsKey, headers })).text
  /** Value of the series with this name and these labels, and no others. */
  const value = async (name: string, labels: Record<string, string> = {}) => {
    const wanted = JSON.stringify(Object.entries(labels).sort())
    const all = samplesOf(await scrape()).filter((sample) => sample.name === `tokmesh_${name}`)
    return all.find((sample) => JSON.stringify(Object.entries(sample.labels).sort()) === wanted)?.value
  }

  it('A63: every mandatory family is there before anything has happened', async () => {
    const text = await scrape()
    for (const [name, type] of Object.entries(mandatory)) {
      expect(text).toContain(`# HELP tokmesh_${name} `)
      expect(text).toContain(`# TYPE tokmesh_${name} ${type}\n`)
    }
    const zero = [
      'session_create_total',
      'wal_fsync_failed_total',
      'tls_reload_failures_total',
      'cluster_quorum_lost',
      'cluster_nodes_parity',
      'gossip_propagation_lag_seconds_count',
      'session_revoke_propagation_lag_seconds_count',
      'sessions_active_total',
    ]
    for (const name of zero) expect([name, await value(name)]).toEqual([name, 0])
    for (const result of ['valid', 'invalid', 'error'])
      expect(await value('token_validate_calls_total', { result })).toBe(0)
    for (const reason of ['invalid_key', 'expired', 'disabled', 'ip_blocked'])
      expect(await value('auth_failures_total', { reason })).toBe(0)
    const nodes = await Promise.all(
      ['active', 'draining', 'down'].map((status) => value('cluster_nodes_total', { status })),
    )
    expect(nodes).toEqual([1, 0, 0])
    expect(await value('shard_keys_count', { node_id: node.service.nodeId })).toBe(0)
    expect(await value('wal_write_bytes_total')).toBeGreaterThan(0)
    expect(await value('mem_usage_bytes')).toBeGreaterThan(10_000_000)
    expect(await value('mem_limit_bytes')).toBeGreaterThan(100_000_000)
    const ratio = await value('cpu_usage_ratio')
    expect(ratio).toBeGreaterThanOrEqual(0)
    expect(ratio).toBeLessThanOrEqual(1)
    const keyed: readonly [string, string, string][] = [
      ['POST', '/sessions', '201'],
      ['GET', '/sessions/{session_id}', '200'],
      ['POST', '/tokens/validate', '200'],
      ['POST', '/users/{user_id}/sessions/revoke', '200'],
      ['POST', '/admin/v1/keys/{key_id}/rotate', '200'],
      ['GET', '/health', '200'],
    ]
    for (const [method, path, status] of keyed)
      expect(await value('api_request_duration_seconds_count', { method, path, status })).toBeGreaterThanOrEqual(0)
    const bounds = samplesOf(text)
      .filter(
        ({ name, labels }) =>
          name.endsWith('_seconds_bucket') && labels.path === '/sessions' && labels.method === 'POST',
      )
      .map(({ labels }) => labels.le)
    expect(bounds).toEqual(['0.001', '0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '+Inf'])
  })

  it('counts what happens, and the database is read at most a second late', async () => {
    const post = (path: string, body?: unknown, key: string | undefined = adminKey) =>
      node.call('POST', path, { key, body })
    const { data: first } = await post('/sessions', { user_id: 'u1' })
    const { data: second } = await post('/sessions', { user_id: 'u1' })
    await post('/sessions', { user_id: 'u1', ttl_seconds: 0 })
    await post('/tokens/validate', { token: first.token })
    await post('/tokens/validate', { token: 'nonsense' })
    await post('/tokens/validate', {})
    await post('/tokens/validate', { token: first.token }, 'malformed')
    await post(`/sessions/${second.session_id}/revoke`)
    await post(`/sessions/${second.session_id}/revoke`)
    await post('/sessions', { user_id: 'u1' }, `${adminKey}x`)
    await pause(1000)
    expect(await value('session_create_total')).toBe(2)
    expect(await value('token_validate_calls_total', { result: 'valid' })).toBe(1)
    expect(await value('token_validate_calls_total', { result: 'invalid' })).toBe(1)
    expect(await value('token_validate_calls_total', { result: 'error' })).toBe(0)
    expect(await value('session_revoke_propagation_lag_seconds_count')).toBe(1)
    expect(await value('sessions_active_total')).toBe(1)
    expect(await value('shard_keys_count', { node_id: node.service.nodeId })).toBe(1)
    expect(await value('auth_failures_total', { reason: 'invalid_key' })).toBe(1)
    const latency = (path: string, status: string) =>
      value('api_request_duration_seconds_count', { method: 'POST', path, status })
    expect(await latency('/sessions', '201')).toBe(2)
    expect(await latency('/sessions', '400')).toBe(1)
    expect(await latency('/sessions', '401')).toBe(1)
    expect(await latency('/sessions/{session_id}/revoke', '200')).toBe(2)
  })

  it('labels what matches no route as unmatched, a 405 and a 401 with the template', async () => {
    const count = (method: string, path: string, status: string) =>
      value('api_request_duration_seconds_count', { method, path, status })
    await node.call('GET', '/nothing/at/all')
    await node.call('GET', '/admin/v1/nothing')
    await node.call('GET', '/admin/v1/keys')
    await node.call('PATCH', '/sessions/tmss-x')
    await node.call('PURGE', '/sessions')
    expect(await count('GET', 'unmatched', '404')).toBe(1)
    expect(await count('GET', 'unmatched', '401')).toBe(1)
    expect(await count('GET', '/admin/v1/keys', '401')).toBe(1)
    expect(await count('PATCH', '/sessions/{session_id}', '405')).toBe(1)
    expect(await count('_OTHER', '/sessions', '405')).toBe(1)
  })

  it('has no forbidden label, and no concrete path', async () => {
    for (const { labels } of samplesOf(await scrape())) {
      for (const name of Object.keys(labels))
        expect(['session_id', 'token', 'token_hash', 'user_id', 'api_key']).not.toContain(name)
      for (const label of Object.values(labels)) expect(label).not.toMatch(/tmss-|tmak-|tmtk_|nothing/)
    }
  })

  it.each(['text', 'openmetrics'])('has no duplicate series and no falling bucket in %s', async (format) => {
    const text = await scrape(format === 'text' ? {} : openMetrics)
    const series = samplesOf(text).map(({ name, labels }) => `${name}${JSON.stringify(Object.entries(labels).sort())}`)
    expect(new Set(series).size).toBe(series.length)
    const last = new Map<string, number>()
    for (const { name, labels, value: count } of samplesOf(text)) {
      if (!name.endsWith('_bucket')) continue
      const { le: _, ...rest } = labels
      const of = `${name}${JSON.stringify(rest)}`
      expect(count).toBeGreaterThanOrEqual(last.get(of) ?? 0)
      last.set(of, count)
    }
    expect(last.size).toBeGreaterThan(10)
  })

  it.skipIf(!hasPromtool)('promtool finds the text in order (skipped: promtool is not installed)', async () => {
    // It wants no `_total` and no `_count` on gauges, which the contract's names have.
    const complaints = promtoolComplaints(await scrape()).filter(
      (line) => !/(active|nodes)_total|keys_count/.test(line),
    )
    expect(complaints.filter((line) => line.includes('tokmesh_'))).toEqual([])
  })

  it.skipIf(!hasOpenMetricsParser)(
    'a strict parser takes the OpenMetrics (skipped: the parser is not installed)',
    async () => {
      expect(openMetricsSamples(await scrape(openMetrics))).toBeGreaterThan(100)
    },
  )

  it('A58, A64: /metrics serves metrics and admin keys only, in the format that is asked for', async () => {
    expect(await node.call('GET', '/metrics')).toMatchObject({ status: 401, code: 'TM-AUTH-4010' })
    const validator = await node.newKey('validator')
    expect(await node.call('GET', '/metrics', { key: validator })).toMatchObject({ status: 403, code: 'TM-AUTH-4030' })
    for (const key of [metricsKey, adminKey]) {
      const { status, headers } = await node.call('GET', '/metrics', { key })
      expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    }
    const { headers } = await node.call('GET', '/metrics', { key: metricsKey, headers: openMetrics })
    expect(headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    const slow = await node.newKey('metrics', { rate_limit: 1 })
    for (let i = 0; i < 5; i++) expect((await node.call('GET', '/metrics', { key: slow })).status).toBe(200)
  })

  it('OpenMetrics has the sampled traces of callers as exemplars, the text format has none', async () => {
    const [trace, span] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
    const ask = (flags: string, traceId = trace) =>
      node.call('GET', '/sessions', { key: adminKey, headers: { traceparent: `00-${traceId}-${span}-${flags}` } })
    await ask('01')
    await ask('00', '1'.repeat(32))
    await ask('01', '0'.repeat(32))
    const { text } = await node.call('GET', '/metrics', { key: metricsKey, headers: openMetrics })
    const exemplars = text.split('\n').filter((line) => line.includes(' # {'))
    expect(exemplars.length).toBeGreaterThan(0)
    for (const line of exemplars) {
      expect(line).toContain('path="/sessions"')
      expect(line).toContain(`# {trace_id="${trace}",span_id="${span}"}`)
    }
    expect((await node.call('GET', '/metrics', { key: metricsKey })).text).not.toContain(trace)
  })

  it('A56, A57, A66, A67: the five probes, in their dialects, without a key', async () => {
    const get = (path: string) => node.call('GET', path, { key: 'nonsense' })
    expect(await get('/health')).toMatchObject({ status: 200, data: { status: 'healthy' } })
    const checks = { storage: 'ok', cluster: 'ok' }
    expect(await get('/ready')).toMatchObject({ status: 200, data: { status: 'ready', checks } })
    expect(JSON.parse((await get('/health/live')).text)).toMatchObject({ status: 'healthy' })
    const ready = JSON.parse((await get('/health/ready')).text)
    expect(ready).toMatchObject({
      status: 'healthy',
      checks: { storage: { status: 'pass' }, cluster: { status: 'pass' } },
    })
    expect(JSON.parse((await get('/health/startup')).text)).toMatchObject({ status: 'ready' })
    for (const path of ['/health', '/ready', '/health/live', '/health/ready', '/health/startup'])
      expect((await get(path)).headers.get('cache-control')).toBe('no-store')
  })
})

describe('switches', () => {
  it('A59, A65: with telemetry.metrics.auth_enabled=false /metrics is open', async () => {
    const node = await startNode('postgres', { TOKMESH_TELEMETRY_METRICS_AUTH_ENABLED: 'false' })
    try {
      expect((await node.call('GET', '/metrics')).status).toBe(200)
      expect((await node.call('GET', '/metrics', { key: 'nonsense' })).status).toBe(200)
    } finally {
      await node.stop()
    }
  })

  it('with telemetry.health.auth_enabled=true the probes ask for a key', async () => {
    const node = await startNode('postgres', { TOKMESH_TELEMETRY_HEALTH_AUTH_ENABLED: 'true' })
    try {
      const validator = await node.newKey('validator')
      for (const path of ['/health', '/ready', '/health/live', '/health/ready', '/health/startup']) {
        const refused = await node.call('GET', path)
        expect(refused).toMatchObject({ status: 401, code: 'TM-AUTH-4010' })
        expect(refused.headers.get('cache-control')).toBe('no-store')
        expect((await node.call('GET', path, { key: validator })).code).toBe('TM-AUTH-4030')
        expect((await node.call('GET', path, { key: metricsKey })).status).toBe(200)
      }
    } finally {
      await node.stop()
    }
  })
})
