import { combineCatalogues } from '../catalogue/combine.ts'
import { postgresCatalogue, redisCatalogue } from '../catalogues/external/databases.ts'
import { prometheusCatalogue } from '../catalogues/external/prometheus.ts'
import { max, sum } from '../promql/aggregate.ts'
import { increase } from '../promql/functions.ts'
import { div, eq, gt } from '../promql/operators.ts'
import { matching } from '../promql/select.ts'
import { defineRules, type RuleTools } from '../rules/define-rules.ts'
import type { AlertRule } from '../rules/rule.ts'
import type { Bundle } from './bundle.ts'
import { targetAlerts } from './targets.ts'

const postgresAndUp = combineCatalogues(postgresCatalogue, prometheusCatalogue)
const redisAndUp = combineCatalogues(redisCatalogue, prometheusCatalogue)
const by = { by: ['job', 'instance'] } as const

const exporterAlerts = (job: string, component: string) =>
  targetAlerts({ job, app: job, component, withoutAny: 'The database may be well, but no alert about it can fire.' })

/** PostgreSQL, by what postgres_exporter tells of it. */
export const postgres: Bundle = {
  name: 'postgres',
  description: 'PostgreSQL by its exporter: down, connections, deadlocks, transactions that stay open.',
  catalogue: postgresAndUp,
  rules: defineRules(postgresAndUp, (tools) => [
    tools.group('postgres-targets', exporterAlerts('postgres-exporter', 'postgres')),
    tools.group('postgres', [...connectionAlerts(tools), ...transactionAlerts(tools)]),
  ]),
}

/** Redis, by what redis_exporter tells of it. */
export const redis: Bundle = {
  name: 'redis',
  description: 'Redis by its exporter: down, memory, connections that are refused.',
  catalogue: redisAndUp,
  rules: defineRules(redisAndUp, (tools) => [
    tools.group('redis-targets', exporterAlerts('redis-exporter', 'redis')),
    tools.group('redis', redisAlerts(tools)),
  ]),
}

function connectionAlerts({ metric, alert }: RuleTools<typeof postgresAndUp>): readonly AlertRule[] {
  const component = 'postgres'
  return [
    alert('PostgresDown', {
      expr: eq(metric('pg_up'), 0),
      for: '1m',
      severity: 'critical',
      component,
      summary: 'PostgreSQL does not answer to {{ $labels.instance }}',
      description: 'The exporter cannot connect. If nobody else can either, logins and every write of TokMesh fail.',
    }),
    alert('PostgresConnectionsHigh', {
      expr: gt(div(sum(metric('pg_stat_activity_count'), by), max(metric('pg_settings_max_connections'), by)), 0.8),
      for: '5m',
      severity: 'warning',
      component,
      summary: 'PostgreSQL runs out of connections ({{ $labels.instance }})',
      description:
        '{{ $value | humanizePercentage }} of max_connections are taken. When all are, no new node can start.',
    }),
  ]
}

function transactionAlerts({ metric, alert }: RuleTools<typeof postgresAndUp>): readonly AlertRule[] {
  const component = 'postgres'
  return [
    alert('PostgresDeadlocks', {
      expr: gt(increase(metric('pg_stat_database_deadlocks'), '5m'), 0),
      for: '5m',
      severity: 'warning',
      component,
      summary: 'PostgreSQL: transactions in {{ $labels.datname }} block each other',
      description: 'About {{ $value | humanize }} in 5 minutes; one of each pair failed, and its request with it.',
    }),
    alert('PostgresLongTransaction', {
      expr: gt(
        max(metric('pg_stat_activity_max_tx_duration', { state: matching('idle in transaction.*') }), {
          by: ['job', 'instance', 'datname'],
        }),
        300,
      ),
      for: '1m',
      severity: 'warning',
      component,
      summary: 'PostgreSQL: a transaction in {{ $labels.datname }} is open and idle',
      description:
        'It has been open for {{ $value | humanizeDuration }} and does nothing. It holds its locks, and old versions ' +
        'of rows cannot be cleared away: revokes and renewals become slower.',
    }),
  ]
}

function redisAlerts({ metric, alert }: RuleTools<typeof redisAndUp>): readonly AlertRule[] {
  const component = 'redis'
  return [
    alert('RedisDown', {
      expr: eq(metric('redis_up'), 0),
      for: '1m',
      severity: 'critical',
      component,
      summary: 'Redis does not answer to {{ $labels.instance }}',
      description: 'The exporter cannot connect. What is cached there is not to be had.',
    }),
    alert('RedisMemoryHigh', {
      // maxmemory 0 is no limit.
      expr: gt(div(metric('redis_memory_used_bytes'), gt(metric('redis_memory_max_bytes'), 0)), 0.9),
      for: '5m',
      severity: 'warning',
      component,
      summary: 'Redis at {{ $labels.instance }} is nearly full',
      description:
        '{{ $value | humanizePercentage }} of maxmemory are in use. Above it keys are evicted, or writes fail.',
    }),
    alert('RedisConnectionsRejected', {
      expr: gt(increase(metric('redis_rejected_connections_total'), '5m'), 0),
      for: '1m',
      severity: 'warning',
      component,
      summary: 'Redis at {{ $labels.instance }} refuses connections',
      description: 'About {{ $value | humanize }} in 5 minutes, for maxclients: who was refused goes without Redis.',
    }),
  ]
}
