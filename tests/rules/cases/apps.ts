import type { RuleCase } from '../case.ts'
import { serviceCases } from './service.ts'
import { rising } from './shared.ts'

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
