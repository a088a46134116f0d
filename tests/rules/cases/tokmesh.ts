import type { RuleCase } from '../case.ts'
import { slowUntil } from './service.ts'
import { goneCase, rising, type SloCase, targetCases } from './shared.ts'

const node = (name: string) => `job="tokmesh",instance="${name}:5080"`
const requests = (path: string, status = '200') =>
  `tokmesh_api_request_duration_seconds_count{${node('a')},method="POST",path="${path}",status="${status}"}`
const lag = (le: string) => `tokmesh_session_revoke_propagation_lag_seconds_bucket{${node('a')},le="${le}"}`
const validate = (le: string) =>
  `tokmesh_api_request_duration_seconds_bucket{${node('a')},method="POST",path="/tokens/validate",status="200",le="${le}"}`
const disk = (what: string) => `node_filesystem_${what}_bytes{instance="db:9100",mountpoint="/data",device="/dev/sda"}`
const storage = { component: 'tokmesh-storage' }
const cluster = { component: 'tokmesh-cluster' }

const inStorage: readonly RuleCase[] = [
  {
    alert: 'WALWriteFailure',
    firing: {
      series: { [`tokmesh_wal_fsync_failed_total{${node('a')}}`]: '0x10 2+2x10' },
      labels: { severity: 'critical', ...storage },
      value: '10',
    },
    silent: [{ series: { [`tokmesh_wal_fsync_failed_total{${node('a')}}`]: '7x20' } }],
  },
  {
    alert: 'DiskSpaceLow',
    firing: {
      series: { [disk('avail')]: '9e9x20', [disk('size')]: '100e9x20' },
      labels: { severity: 'critical', ...storage, instance: 'db:9100', mountpoint: '/data', device: '/dev/sda' },
      value: '8.382Gi',
    },
    silent: [{ series: { [disk('avail')]: '10e9x20', [disk('size')]: '100e9x20' } }],
  },
  {
    alert: 'ReplicationLag',
    firing: {
      series: {
        'tokmesh_replication_lag_seconds{from_node="primary",to_node="a"}': '0.2x20',
        'tokmesh_replication_lag_seconds{from_node="primary",to_node="b"}': '2.5x20',
      },
      labels: { severity: 'warning', ...storage },
      value: '2.5s',
    },
    silent: [{ series: { 'tokmesh_replication_lag_seconds{from_node="primary",to_node="a"}': '1x20' } }],
  },
  {
    alert: 'AuditEntriesLost',
    firing: {
      series: {
        [`honoscope_audit_entries_total{${node('a')},result="dropped"}`]: '0+3x20',
        [`honoscope_audit_entries_total{${node('a')},result="written"}`]: '0+100x20',
      },
      labels: { severity: 'warning', ...storage, job: 'tokmesh', instance: 'a:5080' },
      value: '15',
    },
    silent: [
      {
        series: {
          [`honoscope_audit_entries_total{${node('a')},result="dropped"}`]: '3x20',
          [`honoscope_audit_entries_total{${node('a')},result="written"}`]: '0+100x20',
        },
      },
    ],
  },
  {
    alert: 'AuditEntriesWait',
    firing: {
      series: { [`honoscope_audit_queue_entries{${node('a')}}`]: '6000x20' },
      labels: { severity: 'warning', ...storage, job: 'tokmesh', instance: 'a:5080' },
      value: '6k',
    },
    silent: [{ series: { [`honoscope_audit_queue_entries{${node('a')}}`]: '5000x20' } }],
  },
]

const inCluster: readonly RuleCase[] = [
  {
    alert: 'ClusterSplitBrain',
    firing: {
      series: {
        [`tokmesh_cluster_quorum_lost{${node('a')}}`]: '0x20',
        [`tokmesh_cluster_quorum_lost{${node('b')}}`]: '1x20',
      },
      labels: { severity: 'critical', ...cluster },
    },
    silent: [{ series: { [`tokmesh_cluster_quorum_lost{${node('a')}}`]: '0x20' } }],
  },
  {
    alert: 'CriticalSessionRevokePropagationLag',
    firing: {
      series: { [lag('5')]: rising(90), [lag('10')]: rising(100), [lag('+Inf')]: rising(100) },
      labels: { severity: 'critical', ...cluster },
      value: '9.5s',
    },
    silent: [{ series: { [lag('2')]: rising(50), [lag('5')]: rising(100), [lag('+Inf')]: rising(100) } }],
  },
  {
    alert: 'HighSessionRevokePropagationLag',
    firing: {
      series: { [lag('2')]: rising(90), [lag('5')]: rising(100), [lag('+Inf')]: rising(100) },
      labels: { severity: 'warning', ...cluster },
      value: '4.7s',
    },
    silent: [{ series: { [lag('1')]: rising(50), [lag('2')]: rising(100), [lag('+Inf')]: rising(100) } }],
  },
  {
    alert: 'DataSkew',
    firing: {
      series: {
        [`tokmesh_shard_keys_count{${node('a')},node_id="tmnd-a"}`]: '100x20',
        [`tokmesh_shard_keys_count{${node('b')},node_id="tmnd-b"}`]: '100x20',
        [`tokmesh_shard_keys_count{${node('c')},node_id="tmnd-c"}`]: '200x20',
      },
      labels: { severity: 'warning', ...cluster },
      value: '200',
    },
    silent: [
      {
        series: {
          [`tokmesh_shard_keys_count{${node('a')},node_id="tmnd-a"}`]: '100x20',
          [`tokmesh_shard_keys_count{${node('b')},node_id="tmnd-b"}`]: '100x20',
          [`tokmesh_shard_keys_count{${node('c')},node_id="tmnd-c"}`]: '150x20',
        },
      },
      { series: { [`tokmesh_shard_keys_count{${node('a')},node_id="tmnd-a"}`]: '5000x20' } },
    ],
  },
  {
    alert: 'EvenNodeCount',
    firing: {
      series: { [`tokmesh_cluster_nodes_parity{${node('a')}}`]: '1x20' },
      labels: { severity: 'warning', ...cluster },
    },
    silent: [{ series: { [`tokmesh_cluster_nodes_parity{${node('a')}}`]: '0x11 1x9' } }],
  },
]

const inApi: readonly RuleCase[] = [
  {
    alert: 'HighAuthFailureRate',
    firing: {
      series: {
        [`tokmesh_auth_failures_total{${node('a')},reason="invalid_key"}`]: rising(10),
        [requests('/tokens/validate')]: rising(100),
        // Neither probes nor paths that there are not dilute it.
        [requests('/ready')]: rising(1000),
        [requests('/health/live')]: rising(1000),
        [requests('unmatched', '404')]: rising(1000),
      },
      labels: { severity: 'critical', component: 'tokmesh-security' },
      value: '10%',
    },
    silent: [
      {
        series: {
          [`tokmesh_auth_failures_total{${node('a')},reason="invalid_key"}`]: rising(5),
          [requests('/tokens/validate')]: rising(101),
        },
      },
    ],
  },
  {
    alert: 'HighTokenValidateLatency',
    firing: {
      series: { [validate('0.1')]: rising(90), [validate('0.25')]: rising(100), [validate('+Inf')]: rising(100) },
      labels: { severity: 'warning', component: 'tokmesh' },
      value: '235ms',
    },
    silent: [
      { series: { [validate('0.05')]: rising(50), [validate('0.1')]: rising(100), [validate('+Inf')]: rising(100) } },
    ],
  },
  {
    alert: 'HighResourceUsage',
    firing: {
      series: {
        [`tokmesh_cpu_usage_ratio{${node('a')}}`]: '0.9x20',
        [`tokmesh_mem_usage_bytes{${node('a')}}`]: '1e8x20',
        [`tokmesh_mem_limit_bytes{${node('a')}}`]: '1e9x20',
      },
      labels: { severity: 'warning', component: 'tokmesh', job: 'tokmesh', instance: 'a:5080' },
      value: '90%',
    },
    silent: [
      {
        series: {
          [`tokmesh_cpu_usage_ratio{${node('a')}}`]: '0.85x20',
          [`tokmesh_mem_usage_bytes{${node('a')}}`]: '8.5e8x20',
          [`tokmesh_mem_limit_bytes{${node('a')}}`]: '1e9x20',
        },
      },
    ],
  },
  {
    alert: 'HighResourceUsage',
    firing: {
      series: {
        [`tokmesh_cpu_usage_ratio{${node('a')}}`]: '0.1x20',
        [`tokmesh_mem_usage_bytes{${node('a')}}`]: '1073741824x20',
        [`tokmesh_mem_limit_bytes{${node('a')}}`]: '1.1e9x20',
      },
      labels: { severity: 'warning', component: 'tokmesh', job: 'tokmesh', instance: 'a:5080' },
      value: '1Gi',
    },
    silent: [],
  },
  {
    alert: 'CertificateReloadFailure',
    firing: {
      series: { [`tokmesh_tls_reload_failures_total{${node('a')}}`]: '0x5 1x15' },
      labels: { severity: 'warning', component: 'tokmesh-security', job: 'tokmesh', instance: 'a:5080' },
    },
    silent: [{ series: { [`tokmesh_tls_reload_failures_total{${node('a')}}`]: '1x20' } }],
  },
]

/** Cases of the bundle `tokmesh`. */
export const tokmeshCases: readonly RuleCase[] = [
  ...targetCases('tokmesh', 'tokmesh', 'tokmesh'),
  goneCase('tokmesh', 'tokmesh'),
  ...inStorage,
  ...inCluster,
  ...inApi,
]

/** Its objectives. */
export const tokmeshObjectives: readonly SloCase[] = [
  {
    name: 'TokMeshAvailability',
    component: 'tokmesh',
    budget: 0.001,
    series: (bad, until = 30) => ({
      [requests('/sessions', '201')]: rising(1e6 * (1 - bad), until, 200),
      [requests('/sessions', '503')]: rising(1e6 * bad, until, 200),
      // What a node that is not ready says is told by others.
      [requests('/ready', '503')]: rising(1e6, 200),
      [requests('/tokens/validate')]: `_x${until} ${rising(1e6, 200)}`,
    }),
  },
  {
    name: 'TokMeshLatency',
    component: 'tokmesh',
    budget: 0.01,
    series: (bad, until = 30) => ({
      [validate('0.1')]: slowUntil(1 - bad, until),
      [requests('/tokens/validate')]: slowUntil(1, until),
    }),
  },
]
