import type { Catalogue } from '@honoscope/core'
import { amount, ratio } from '../amount.ts'

/** Values of the label `query_type`. */
export const queryTypes = ['select', 'insert', 'update', 'delete', 'ddl', 'other'] as const
/** Values of the label `status`. */
export const queryStatuses = ['success', 'error', 'timeout', 'rejected'] as const
/** Values of the label `time_window`. */
export const timeWindows = ['1h', '24h', '7d', '30d'] as const

/** What a statement does. */
export type QueryType = (typeof queryTypes)[number]
/** How a statement ended; `rejected` is one that was not allowed to run. */
export type QueryStatus = (typeof queryStatuses)[number]
/** What an accuracy is an average over. */
export type TimeWindow = (typeof timeWindows)[number]

/** Records what a Chat2SQL service does. Nothing here throws; wrong numbers are dropped and counted. */
export interface Chat2SqlMetrics {
  /** A statement has ended: `chat2sql_query_duration_seconds` and `chat2sql_query_total`, both `{query_type,status}`. */
  recordSqlQuery(queryType: QueryType, status: QueryStatus, seconds: number): void
  /** A model has answered: `chat2sql_ai_inference_duration_seconds{model_name,model_provider}`. */
  recordAiInference(modelName: string, provider: string, seconds: number): void
  /** Share of answers that were right, from 0 to 1: `chat2sql_ai_accuracy_rate{model_name,time_window}`. */
  updateAiAccuracy(modelName: string, window: TimeWindow, rate: number): void
  /** Connections in use: `chat2sql_db_connections_active{database,pool}`. */
  updateDatabaseConnections(database: string, pool: string, n: number): void
  /** Share of look-ups that a cache could answer, from 0 to 1: `chat2sql_cache_hit_rate{cache_type,cache_name}`. */
  updateCacheHitRate(type: string, name: string, rate: number): void
}

const few = { open: 20 } as const
const models = { open: 50 } as const
const prefix = 'chat2sql_'

/**
 * Returns the recorders, their metrics made in `catalogue`. The names begin with `chat2sql_` whatever its prefix is.
 *
 * @throws TypeError when a metric of that name exists already.
 * @example
 * ```ts
 * import { createChat2SqlMetrics } from '@honoscope/ai-metrics-compat/chat2sql'
 * import { createMetrics } from '@honoscope/metrics'
 *
 * const chat2sql = createChat2SqlMetrics(createMetrics())
 * chat2sql.recordSqlQuery('select', 'success', 0.12)
 * chat2sql.updateAiAccuracy('qwen3', '24h', 0.93)
 * ```
 */
export function createChat2SqlMetrics(catalogue: Catalogue): Chat2SqlMetrics {
  return { ...recorders(catalogue), ...gauges(catalogue) }
}

function recorders(catalogue: Catalogue): Pick<Chat2SqlMetrics, 'recordSqlQuery' | 'recordAiInference'> {
  const labels = { query_type: queryTypes, status: queryStatuses }
  const durations = catalogue.histogram({
    prefix,
    name: 'query_duration_seconds',
    help: 'Duration of SQL queries, in seconds.',
    labels,
    buckets: [0.1, 0.5, 1, 2, 5, 10, 30],
  })
  const queries = catalogue.counter({ prefix, name: 'query_total', help: 'SQL queries, by how they ended.', labels })
  const inferences = catalogue.histogram({
    prefix,
    name: 'ai_inference_duration_seconds',
    help: 'Time until a model had answered, in seconds.',
    labels: { model_name: models, model_provider: few },
    buckets: [0.1, 0.5, 1, 3, 10, 30],
  })
  return {
    recordSqlQuery(queryType, status, seconds) {
      const values = { query_type: queryType, status }
      durations.observe(values, seconds)
      queries.inc(values)
    },
    recordAiInference(modelName, provider, seconds) {
      inferences.observe({ model_name: modelName, model_provider: provider }, seconds)
    },
  }
}

type Gauges = Pick<Chat2SqlMetrics, 'updateAiAccuracy' | 'updateDatabaseConnections' | 'updateCacheHitRate'>

function gauges(catalogue: Catalogue): Gauges {
  const accuracy = catalogue.gauge({
    prefix,
    name: 'ai_accuracy_rate',
    help: 'Share of answers of a model that were right, from 0 to 1.',
    labels: { model_name: models, time_window: timeWindows },
  })
  const connections = catalogue.gauge({
    prefix,
    name: 'db_connections_active',
    help: 'Database connections in use.',
    labels: { database: few, pool: few },
  })
  const hits = catalogue.gauge({
    prefix,
    name: 'cache_hit_rate',
    help: 'Share of look-ups that a cache could answer, from 0 to 1.',
    labels: { cache_type: few, cache_name: few },
  })
  return {
    updateAiAccuracy: (modelName, window, rate) =>
      accuracy.set({ model_name: modelName, time_window: window }, ratio(rate)),
    updateDatabaseConnections: (database, pool, n) => connections.set({ database, pool }, amount(n)),
    updateCacheHitRate: (type, name, rate) => hits.set({ cache_type: type, cache_name: name }, ratio(rate)),
  }
}
