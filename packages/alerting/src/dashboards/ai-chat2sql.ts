import { chat2sqlCatalogue } from '../catalogues/index.ts'
import { avg, min, sum } from '../promql/aggregate.ts'
import { selectFrom } from '../promql/select.ts'
import { perSecond, quantile, quantiles } from './expressions.ts'
import { chosen } from './series.ts'
import type { RowSpec } from './spec.ts'

const series = selectFrom(chat2sqlCatalogue)
const queries = series('chat2sql_query_duration_seconds_bucket', chosen)

export const chat2sql: RowSpec = {
  title: 'Chat2SQL',
  lines: [
    [
      {
        title: 'Queries by status',
        description:
          'SQL queries a second. success is nearly all; rejected: the model wrote what may not be run; timeout: it wrote what takes too long.',
        unit: 'reqps',
        queries: [
          {
            expr: perSecond(series('chat2sql_query_total', chosen), ['query_type', 'status']),
            legend: '{{query_type}} {{status}}',
          },
        ],
        stacked: true,
      },
      {
        title: 'Query duration',
        description: 'Duration of the SQL. Above 10 s (P95) HighSQLQueryLatency warns.',
        unit: 's',
        queries: quantiles(queries),
        limits: { warning: 10 },
        exemplars: true,
      },
      {
        title: 'Accuracy',
        description:
          'Part of the answers of each model that were right. Below 85 % LowAIAccuracy pages: a new model, prompt or schema.',
        unit: 'percentunit',
        queries: [
          {
            expr: min(series('chat2sql_ai_accuracy_rate', chosen), { by: ['model_name', 'time_window'] }),
            legend: '{{model_name}} over {{time_window}}',
          },
        ],
        limits: { warning: 0.9, critical: 0.85, below: true },
        max: 1,
      },
    ],
    [
      {
        title: 'Inference, P95',
        description:
          'Time until a model had answered. Below 3 s is normal; a model that leaves the others is overloaded.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, series('chat2sql_ai_inference_duration_seconds_bucket', chosen), [
              'model_name',
              'model_provider',
            ]),
            legend: '{{model_provider}} {{model_name}}',
          },
        ],
        limits: { warning: 10, critical: 30 },
        exemplars: true,
      },
      {
        title: 'Cache hit rate',
        description:
          'Part of the look-ups that each cache could answer. Level is normal; a fall after a release: keys have changed.',
        unit: 'percentunit',
        queries: [
          {
            expr: avg(series('chat2sql_cache_hit_rate', chosen), { by: ['cache_type', 'cache_name'] }),
            legend: '{{cache_type}} {{cache_name}}',
          },
        ],
        max: 1,
      },
      {
        title: 'Database connections in use',
        description: 'Connections of each pool. Above 90 % of the maximum DatabaseConnectionPoolExhaustion warns.',
        unit: 'short',
        queries: [
          {
            expr: sum(series('chat2sql_db_connections_active', chosen), { by: ['database', 'pool'] }),
            legend: '{{database}} {{pool}}',
          },
        ],
      },
    ],
  ],
}
