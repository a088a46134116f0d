import type { RuleCase } from '../case.ts'
import { rising, targetCases } from './shared.ts'

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
