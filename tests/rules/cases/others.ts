import type { RuleCase } from '../case.ts'
import { serviceCases } from './service.ts'
import { rising, targetCases } from './shared.ts'

const container = 'namespace="shop",pod="web-1",container="web"'
const ofContainer = { component: 'kubernetes', namespace: 'shop', pod: 'web-1', container: 'web' }
const process = 'job="shop",instance="a:1"'
const ofProcess = { severity: 'warning', component: 'telemetry', job: 'shop', instance: 'a:1' }
const sqlBucket = (le: string) =>
  `chat2sql_query_duration_seconds_bucket{query_type="select",status="success",le="${le}"}`
const inUse = (pool: string) =>
  `chat2sql_db_connections_active{job="chat2sql",instance="a:1",database="d",pool="${pool}"}`
const mostOpen = 'db_connections_max{job="chat2sql",instance="a:1"}'
const ofPool = { severity: 'warning', component: 'database', app: 'chat2sql', job: 'chat2sql', instance: 'a:1' }
const iac = (what: string) => `iac_db_connections_${what}{job="iac",instance="a:1"}`

/** Cases of the bundle `chat2sql`. */
export const chat2sqlCases: readonly RuleCase[] = [
  ...serviceCases('chat2sql', '', 5),
  {
    alert: 'HighSQLQueryLatency',
    firing: {
      series: { [sqlBucket('10')]: rising(90), [sqlBucket('30')]: rising(100), [sqlBucket('+Inf')]: rising(100) },
      labels: { severity: 'warning', component: 'database' },
      value: '20s',
    },
    silent: [
      { series: { [sqlBucket('5')]: rising(90), [sqlBucket('10')]: rising(100), [sqlBucket('+Inf')]: rising(100) } },
    ],
  },
  {
    alert: 'LowAIAccuracy',
    firing: {
      series: { 'chat2sql_ai_accuracy_rate{model_name="m",time_window="24h"}': '0.8x20' },
      labels: { severity: 'critical', component: 'ai', model_name: 'm', time_window: '24h' },
      value: '80%',
    },
    silent: [{ series: { 'chat2sql_ai_accuracy_rate{model_name="m",time_window="24h"}': '0.85x20' } }],
  },
  {
    alert: 'DatabaseConnectionPoolExhaustion',
    firing: {
      series: { [inUse('p')]: '10x20', [inUse('q')]: '9x20', [mostOpen]: '20x20' },
      labels: ofPool,
      value: '19',
    },
    silent: [{ series: { [inUse('p')]: '9x20', [inUse('q')]: '9x20', [mostOpen]: '20x20' } }],
  },
  {
    alert: 'DatabaseConnectionPoolUnwatched',
    firing: { series: { [inUse('p')]: '10x30' }, at: '20m', labels: ofPool, value: '10' },
    silent: [{ series: { [inUse('p')]: '10x30', [mostOpen]: '20x30' }, at: '20m' }],
  },
]

/** Cases of the bundle `iac`. */
export const iacCases: readonly RuleCase[] = [
  ...serviceCases('iac', 'iac_', 0.5),
  {
    alert: 'DatabaseConnectionPoolExhaustion',
    firing: {
      series: { [iac('open')]: '10x20', [iac('max')]: '10x20', [iac('waiting')]: '3x20' },
      labels: { ...ofPool, app: 'iac', job: 'iac' },
      value: '10',
    },
    silent: [
      { series: { [iac('open')]: '9x20', [iac('max')]: '10x20', [iac('waiting')]: '3x20' } },
      { series: { [iac('open')]: '10x20', [iac('max')]: '10x20', [iac('waiting')]: '0x20' } },
    ],
  },
]

/** Cases of the bundle `kubernetes`. */
export const kubernetesCases: readonly RuleCase[] = [
  {
    alert: 'PodCrashLooping',
    firing: {
      series: { [`kube_pod_container_status_restarts_total{${container},uid="u"}`]: '0+1x30' },
      at: '25m',
      labels: { severity: 'critical', ...ofContainer, uid: 'u' },
      value: '16.67m',
    },
    silent: [{ series: { [`kube_pod_container_status_restarts_total{${container},uid="u"}`]: '40x30' }, at: '25m' }],
  },
  {
    alert: 'HighMemoryUsage',
    firing: {
      series: {
        [`container_memory_working_set_bytes{${container},id="/1"}`]: '95x20',
        [`container_spec_memory_limit_bytes{${container},id="/1"}`]: '100x20',
      },
      labels: { severity: 'warning', ...ofContainer },
      value: '95%',
    },
    silent: [
      {
        series: {
          [`container_memory_working_set_bytes{${container},id="/1"}`]: '90x20',
          [`container_spec_memory_limit_bytes{${container},id="/1"}`]: '100x20',
        },
      },
      // No limit; and the sums of the pod, which have no name.
      {
        series: {
          [`container_memory_working_set_bytes{${container},id="/1"}`]: '95x20',
          [`container_spec_memory_limit_bytes{${container},id="/1"}`]: '0x20',
          'container_memory_working_set_bytes{namespace="shop",pod="web-1",id="/2"}': '95x20',
          'container_spec_memory_limit_bytes{namespace="shop",pod="web-1",id="/2"}': '100x20',
        },
      },
    ],
  },
  {
    alert: 'HighCPUUsage',
    firing: {
      series: {
        [`container_cpu_usage_seconds_total{${container},cpu="total"}`]: '0+27x20',
        [`kube_pod_container_resource_limits{${container},resource="cpu",unit="core"}`]: '0.5x20',
      },
      labels: { severity: 'warning', ...ofContainer },
      value: '90%',
    },
    silent: [
      {
        series: {
          [`container_cpu_usage_seconds_total{${container},cpu="total"}`]: '0+54x20',
          [`kube_pod_container_resource_limits{${container},resource="cpu",unit="core"}`]: '2x20',
        },
      },
    ],
  },
  {
    alert: 'HighCPUUsage',
    firing: {
      series: { [`container_cpu_usage_seconds_total{${container},cpu="total"}`]: '0+54x20' },
      labels: { severity: 'warning', ...ofContainer },
      value: '90%',
    },
    silent: [{ series: { [`container_cpu_usage_seconds_total{${container},cpu="total"}`]: '0+48x20' } }],
  },
  {
    alert: 'KubernetesMetricsMissing',
    firing: {
      series: { [`kube_pod_container_status_restarts_total{${container}}`]: '0x20' },
      labels: { severity: 'warning', component: 'kubernetes' },
      value: '1',
    },
    silent: [
      {
        series: {
          [`kube_pod_container_status_restarts_total{${container}}`]: '0x20',
          [`container_memory_working_set_bytes{${container}}`]: '95x20',
        },
      },
    ],
  },
]

const losing = (signal: string, metric: string, labels: Readonly<Record<string, string>>): RuleCase => {
  const own = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const series = `${metric}{${[process, ...own].join(',')}}`
  return {
    alert: 'TelemetryDropping',
    firing: { series: { [series]: rising(120) }, labels: { ...ofProcess, ...labels, signal }, value: '2' },
    // It was lost once, and no more.
    silent: [{ series: { [series]: '0x3 500x20' } }],
  }
}

/** Cases of the bundle `telemetry`. */
export const telemetryCases: readonly RuleCase[] = [
  {
    alert: 'MetricSeriesExplosion',
    firing: {
      series: {
        [`honoscope_series{${process},metric="a"}`]: '9000x20',
        [`honoscope_series{${process},metric="b"}`]: '1001x20',
      },
      labels: ofProcess,
      value: '10k',
    },
    silent: [
      // Two processes with 10,000 each.
      {
        series: {
          [`honoscope_series{${process},metric="a"}`]: '10000x20',
          'honoscope_series{job="shop",instance="b:1",metric="a"}': '10000x20',
        },
      },
    ],
  },
  losing('spans', 'otel_sdk_processor_span_processed_total', { error_type: 'queue_full' }),
  losing('export', 'otel_sdk_exporter_span_exported_total', { error_type: 'unreachable' }),
  losing('instruments', 'honoscope_instrument_errors_total', { instrument: 'metrics', hook: 'end' }),
  losing('labels', 'honoscope_label_overflow_total', { metric: 'm', label: 'route' }),
  losing('observations', 'honoscope_dropped_observations_total', { metric: 'm' }),
  losing('collectors', 'honoscope_collector_errors_total', { metric: 'm' }),
]

const database = (exporter: string) => `job="${exporter}",instance="db:1"`
const ofDatabase = (component: string, severity = 'warning') => ({
  severity,
  component,
  job: `${component}-exporter`,
  instance: 'db:1',
})
const pg = database('postgres-exporter')
const red = database('redis-exporter')
const connections = (state: string) => `pg_stat_activity_count{${pg},server="s",datname="d",state="${state}"}`
const mostConnections = `pg_settings_max_connections{${pg},server="s"}`
const open = (state: string) => `pg_stat_activity_max_tx_duration{${pg},server="s",datname="d",state="${state}"}`

/** Cases of the bundle `postgres`. */
export const postgresCases: readonly RuleCase[] = [
  ...targetCases('postgres-exporter', 'postgres-exporter', 'postgres'),
  {
    alert: 'PostgresDown',
    firing: { series: { [`pg_up{${pg}}`]: '0x20' }, labels: ofDatabase('postgres', 'critical') },
    silent: [{ series: { [`pg_up{${pg}}`]: '0x14 1x6' } }],
  },
  {
    alert: 'PostgresConnectionsHigh',
    firing: {
      series: { [connections('idle')]: '50x20', [connections('active')]: '40x20', [mostConnections]: '100x20' },
      labels: ofDatabase('postgres'),
      value: '90%',
    },
    silent: [
      { series: { [connections('idle')]: '40x20', [connections('active')]: '40x20', [mostConnections]: '100x20' } },
    ],
  },
  {
    alert: 'PostgresDeadlocks',
    firing: {
      series: { [`pg_stat_database_deadlocks{${pg},datid="1",datname="d"}`]: rising(2) },
      labels: { ...ofDatabase('postgres'), datid: '1', datname: 'd' },
      value: '10',
    },
    silent: [{ series: { [`pg_stat_database_deadlocks{${pg},datid="1",datname="d"}`]: '7x20' } }],
  },
  {
    alert: 'PostgresLongTransaction',
    firing: {
      series: { [open('idle in transaction')]: '400x20' },
      labels: { ...ofDatabase('postgres'), datname: 'd' },
      value: '6m 40s',
    },
    silent: [{ series: { [open('idle in transaction')]: '300x20', [open('active')]: '4000x20' } }],
  },
]

/** Cases of the bundle `redis`. */
export const redisCases: readonly RuleCase[] = [
  ...targetCases('redis-exporter', 'redis-exporter', 'redis'),
  {
    alert: 'RedisDown',
    firing: { series: { [`redis_up{${red}}`]: '0x20' }, labels: ofDatabase('redis', 'critical') },
    silent: [{ series: { [`redis_up{${red}}`]: '1x20' } }],
  },
  {
    alert: 'RedisMemoryHigh',
    firing: {
      series: { [`redis_memory_used_bytes{${red}}`]: '95x20', [`redis_memory_max_bytes{${red}}`]: '100x20' },
      labels: ofDatabase('redis'),
      value: '95%',
    },
    silent: [
      { series: { [`redis_memory_used_bytes{${red}}`]: '90x20', [`redis_memory_max_bytes{${red}}`]: '100x20' } },
      { series: { [`redis_memory_used_bytes{${red}}`]: '95x20', [`redis_memory_max_bytes{${red}}`]: '0x20' } },
    ],
  },
  {
    alert: 'RedisConnectionsRejected',
    firing: {
      series: { [`redis_rejected_connections_total{${red}}`]: rising(2) },
      labels: ofDatabase('redis'),
      value: '10',
    },
    silent: [{ series: { [`redis_rejected_connections_total{${red}}`]: '7x20' } }],
  },
]

const ofReceiver = (severity: string, more: Readonly<Record<string, string>> = {}) => ({
  severity,
  component: 'alerting',
  job: 'alert-receiver',
  ...more,
})
const at = 'job="alert-receiver",instance="a:1"'
const attempts = (result: string) => `honoscope_alert_notifications_total{${at},notifier="slack",result="${result}"}`
const remediations = (result: string) =>
  `honoscope_alert_remediations_total{${at},remediation="restart",result="${result}"}`

/** Cases of the bundle `receiver`. */
export const receiverCases: readonly RuleCase[] = [
  ...targetCases('alert-receiver', 'alert-receiver', 'alerting'),
  {
    alert: 'AlertDeadLetters',
    firing: {
      series: { [`honoscope_alert_dead_letters{${at}}`]: '2x20' },
      labels: ofReceiver('critical', { instance: 'a:1' }),
      value: '2',
    },
    silent: [{ series: { [`honoscope_alert_dead_letters{${at}}`]: '0x20' } }],
  },
  {
    alert: 'AlertsWaitTooLong',
    firing: {
      series: { [`honoscope_alert_oldest_waiting_seconds{${at}}`]: '400x20' },
      labels: ofReceiver('critical', { instance: 'a:1' }),
      value: '6m 40s',
    },
    silent: [{ series: { [`honoscope_alert_oldest_waiting_seconds{${at}}`]: '300x20' } }],
  },
  {
    alert: 'AlertNotifierFailing',
    firing: {
      series: { [attempts('retry')]: rising(60) },
      labels: ofReceiver('warning', { notifier: 'slack' }),
      value: '1',
    },
    silent: [{ series: { [attempts('retry')]: '0x3 7x17', [attempts('sent')]: rising(60) } }],
  },
  {
    alert: 'RemediationFailing',
    firing: {
      series: { [remediations('failed')]: '0+1x20' },
      labels: ofReceiver('warning', { remediation: 'restart' }),
      value: '15',
    },
    silent: [{ series: { [remediations('failed')]: '3x20' } }],
  },
  {
    alert: 'AlertmanagerNotificationsFailing',
    firing: {
      series: {
        'alertmanager_notifications_failed_total{job="alertmanager",instance="a:9093",integration="webhook",reason="other"}':
          rising(60),
      },
      labels: {
        severity: 'critical',
        component: 'alerting',
        job: 'alertmanager',
        instance: 'a:9093',
        integration: 'webhook',
      },
      value: '1',
    },
    silent: [
      {
        series: {
          'alertmanager_notifications_failed_total{job="alertmanager",instance="a:9093",integration="webhook"}': '7x20',
        },
      },
    ],
  },
  {
    alert: 'AlertsDropped',
    firing: {
      series: { 'prometheus_notifications_dropped_total{job="prometheus",instance="p:9090"}': rising(60) },
      labels: { severity: 'critical', component: 'alerting', job: 'prometheus', instance: 'p:9090' },
      value: '1',
    },
    silent: [{ series: { 'prometheus_notifications_dropped_total{job="prometheus",instance="p:9090"}': '7x20' } }],
  },
]
