import { describe, expect, it } from 'vitest'
import type { RuleSet } from '../rules/define-rules.ts'
import { bundles, service, tokmesh } from './index.ts'

const alertsOf = (rules: RuleSet) =>
  rules.groups.flatMap((group) => group.rules.flatMap((rule) => (rule.kind === 'alert' ? [rule] : [])))

const revokeP99 =
  'histogram_quantile(0.99, sum by (le) (rate(tokmesh_session_revoke_propagation_lag_seconds_bucket[5m])))'

/** The table of the contract's section 8.3: name, severity, PromQL, for. */
const contract = [
  ['WALWriteFailure', 'critical', 'sum(increase(tokmesh_wal_fsync_failed_total[5m])) > 0', '1m'],
  ['ClusterSplitBrain', 'critical', 'max(tokmesh_cluster_quorum_lost) == 1', '30s'],
  [
    'HighAuthFailureRate',
    'critical',
    'sum(rate(tokmesh_auth_failures_total[5m])) / sum(rate(tokmesh_api_request_duration_seconds_count{path!~"/health.*|/ready|unmatched"}[5m])) > 0.05',
    '5m',
  ],
  [
    'DiskSpaceLow',
    'critical',
    'node_filesystem_avail_bytes{mountpoint="/data"} < 0.10 * node_filesystem_size_bytes{mountpoint="/data"}',
    '5m',
  ],
  ['CriticalSessionRevokePropagationLag', 'critical', `${revokeP99} > 5`, '1m'],
  ['HighSessionRevokePropagationLag', 'warning', `${revokeP99} > 2`, '5m'],
  [
    'HighTokenValidateLatency',
    'warning',
    'histogram_quantile(0.99, sum by (le) (rate(tokmesh_api_request_duration_seconds_bucket{path="/tokens/validate"}[5m]))) > 0.1',
    '5m',
  ],
  [
    'HighResourceUsage',
    'warning',
    'tokmesh_cpu_usage_ratio > 0.85 or tokmesh_mem_usage_bytes > 0.85 * tokmesh_mem_limit_bytes',
    '5m',
  ],
  ['DataSkew', 'warning', 'max(tokmesh_shard_keys_count) > 1.3 * avg(tokmesh_shard_keys_count)', '10m'],
  ['ReplicationLag', 'warning', 'max(tokmesh_replication_lag_seconds) > 1', '5m'],
  ['EvenNodeCount', 'warning', 'max(tokmesh_cluster_nodes_parity) == 1', '5m'],
] as const

/** The table of the catalogue's section 3: name, severity, for, and what its condition ends with. */
const catalogued = [
  ['chat2sql', 'HighSQLQueryLatency', 'warning', '2m', '[5m]))) > 10'],
  ['chat2sql', 'LowAIAccuracy', 'critical', '5m', 'chat2sql_ai_accuracy_rate < 0.85'],
  [
    'chat2sql',
    'DatabaseConnectionPoolExhaustion',
    'warning',
    '1m',
    '> 0.9 * sum by (job, instance) (db_connections_max)',
  ],
  ['iac', 'DatabaseConnectionPoolExhaustion', 'warning', '1m', 'iac_db_connections_waiting > 0'],
  ['tokmesh', 'DatabaseConnectionPoolExhaustion', 'warning', '1m', 'tokmesh_db_connections_waiting > 0'],
  ['kubernetes', 'PodCrashLooping', 'critical', '5m', 'rate(kube_pod_container_status_restarts_total[15m]) > 0'],
  ['kubernetes', 'HighMemoryUsage', 'warning', '5m', '> 0.9'],
  ['kubernetes', 'HighCPUUsage', 'warning', '10m', '> 0.8'],
  ['telemetry', 'MetricSeriesExplosion', 'warning', '5m', 'sum by (job, instance) (honoscope_series) > 10000'],
  ['telemetry', 'TelemetryDropping', 'warning', '10m', '> 0'],
] as const

describe('bundles', () => {
  it.each(contract)('have the contract’s alert %s to the letter', (name, severity, promql, duration) => {
    const [alert, ...others] = alertsOf(tokmesh().rules).filter((rule) => rule.name === name)
    expect({ severity: alert?.severity, promql: alert?.expr.text, for: alert?.for }).toEqual({
      severity,
      promql,
      for: duration,
    })
    expect(others).toEqual([])
  })

  it.each(catalogued)('have the catalogue’s alert (%s) %s', (bundle, name, severity, duration, end) => {
    const own = alertsOf((bundles[bundle] as { rules: RuleSet }).rules).filter((rule) => rule.name === name)
    expect(own).not.toEqual([])
    for (const alert of own) {
      expect(alert).toMatchObject({ severity, for: duration })
      expect(alert.expr.text.slice(-end.length)).toBe(end)
    }
  })

  it('have an objective of availability and of latency for each API, in four windows', () => {
    for (const [bundle, title] of Object.entries({ tokmesh: 'TokMesh', chat2sql: 'Chat2sql', iac: 'Iac' })) {
      const names = alertsOf((bundles[bundle] as { rules: RuleSet }).rules).map(({ name }) => name)
      for (const objective of ['Availability', 'Latency']) {
        for (const speed of ['Fast', 'Slow']) {
          expect(names.filter((name) => name === `${title}${objective}BurnRate${speed}`)).toHaveLength(2)
        }
      }
    }
  })

  it('are called what they are', () => {
    for (const [name, bundle] of Object.entries(bundles)) expect(bundle.name).toBe(name)
  })
})

describe('a service', () => {
  it('refuses what makes no rules', () => {
    expect(() => service({ name: 'Shop' })).toThrow('service: name "Shop"')
    expect(() => service({ name: 'shop', prefix: 'shop-' })).toThrow('service: prefix "shop-"')
    expect(() => service({ name: 'shop', objectives: { latencySeconds: 0.3 } })).toThrow('0.25 and 0.5')
    expect(() => service({ name: 'shop', objectives: { latencySeconds: 10 } })).toThrow('latencySeconds 10 is the last')
    expect(() => service({ name: 'shop', objectives: { availability: 99.9 } })).toThrow('objective 99.9')
  })
  it('is told by its job, so that two of them do not mix', () => {
    const texts = alertsOf(service({ name: 'web-shop', job: 'shop' }).rules).map(({ expr }) => expr.text)
    for (const text of texts) expect(text).toMatch(/job="shop"|slo="WebShop/)
  })
})
