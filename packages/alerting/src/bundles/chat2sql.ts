import { combineCatalogues } from '../catalogue/combine.ts'
import { prometheusCatalogue } from '../catalogues/external/prometheus.ts'
import { chat2sqlCatalogue } from '../catalogues/generated/chat2sql.ts'
import { databaseCatalogue } from '../catalogues/generated/database.ts'
import { httpCatalogue } from '../catalogues/generated/http.ts'
import { sum } from '../promql/aggregate.ts'
import { histogramQuantile, rate } from '../promql/functions.ts'
import { gt, lt, times, unless } from '../promql/operators.ts'
import { defineRules, type RuleTools } from '../rules/define-rules.ts'
import type { AlertRule } from '../rules/rule.ts'
import type { Bundle } from './bundle.ts'
import { serviceGroups } from './service.ts'

const catalogue = combineCatalogues(chat2sqlCatalogue, databaseCatalogue, httpCatalogue, prometheusCatalogue)

/** Chat2SQL: its queries, its models, its connections, and its API. */
export const chat2sql: Bundle = {
  name: 'chat2sql',
  description: 'Chat2SQL: slow queries, wrong answers of models, connections, and the objectives of its API.',
  catalogue,
  rules: defineRules(catalogue, (tools) => [
    tools.group('chat2sql', [...queryAlerts(tools), ...connectionAlerts(tools)]),
    // An answer waits for a model, which takes seconds.
    ...serviceGroups({ name: 'chat2sql', objectives: { latencySeconds: 5 } }),
  ]),
}

function queryAlerts({ metric, alert }: RuleTools<typeof catalogue>): readonly AlertRule[] {
  const durations = rate(metric('chat2sql_query_duration_seconds_bucket'), '5m')
  return [
    alert('HighSQLQueryLatency', {
      expr: gt(histogramQuantile(0.95, sum(durations, { by: ['le'] })), 10),
      for: '2m',
      severity: 'warning',
      component: 'database',
      summary: 'Chat2SQL: queries are slow',
      description:
        'One SQL query of 20 takes longer than {{ $value | humanizeDuration }}; users wait for their answer.',
    }),
    alert('LowAIAccuracy', {
      expr: lt(metric('chat2sql_ai_accuracy_rate'), 0.85),
      for: '5m',
      severity: 'critical',
      component: 'ai',
      summary: 'Chat2SQL: {{ $labels.model_name }} is often wrong',
      description:
        'Only {{ $value | humanizePercentage }} of the answers of {{ $labels.model_name }} over ' +
        '{{ $labels.time_window }} were right. Users get SQL that answers another question than theirs.',
    }),
  ]
}

/**
 * Chat2SQL tells how many connections are in use, and not how many there may be. The maximum is what
 * `@honoscope/db-drizzle-instrumentation` tells for the same process, `db_connections_max`: the sum of the pools that it
 * watches, so the pools' connections are added up, too. `iac_db_connections_max` is another process's.
 */
function connectionAlerts({ metric, alert }: RuleTools<typeof catalogue>): readonly AlertRule[] {
  const by = { by: ['job', 'instance'] } as const
  const active = sum(metric('chat2sql_db_connections_active'), by)
  const most = sum(metric('db_connections_max'), by)
  const labels = { app: 'chat2sql' }
  return [
    alert('DatabaseConnectionPoolExhaustion', {
      expr: gt(active, times(0.9, most)),
      for: '1m',
      severity: 'warning',
      component: 'database',
      summary: 'Chat2SQL: {{ $labels.instance }} runs out of database connections',
      description:
        '{{ $value | humanize }} connections are in use, more than 90 % of what the pools may open. Soon requests ' +
        'wait for one.',
      labels,
    }),
    alert('DatabaseConnectionPoolUnwatched', {
      expr: unless(active, most, { on: ['job', 'instance'] }),
      for: '15m',
      severity: 'warning',
      component: 'database',
      summary: 'Chat2SQL: nobody knows how many connections {{ $labels.instance }} may open',
      description:
        '{{ $value | humanize }} connections are in use, but db_connections_max is missing: ' +
        'DatabaseConnectionPoolExhaustion cannot fire.',
      labels,
    }),
  ]
}
