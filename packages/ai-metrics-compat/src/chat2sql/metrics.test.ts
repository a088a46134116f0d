import { expect, it } from 'vitest'
import { recordingMetrics } from '../../test/genai/recorder.ts'
import { createChat2SqlMetrics } from '../chat2sql.ts'

it('records a query as a duration and a count, in seconds', async () => {
  const { metrics, value } = recordingMetrics()
  const chat2sql = createChat2SqlMetrics(metrics)
  chat2sql.recordSqlQuery('select', 'timeout', 1.5)
  const labels = { query_type: 'select', status: 'timeout' }
  expect(await value('chat2sql_query_total', labels)).toBe(1)
  expect(await value('chat2sql_query_duration_seconds_sum', labels)).toBe(1.5)
  expect(await value('chat2sql_query_duration_seconds_bucket', { ...labels, le: '1' })).toBe(0)
  expect(await value('chat2sql_query_duration_seconds_bucket', { ...labels, le: '2' })).toBe(1)
})

it('shows every type and status of a query at 0 from the start', async () => {
  const { metrics, samples } = recordingMetrics()
  createChat2SqlMetrics(metrics)
  expect(await samples('chat2sql_query_total')).toHaveLength(6 * 4)
})

it('drops and counts rates that are none, and does not throw', async () => {
  const { metrics, value } = recordingMetrics()
  const chat2sql = createChat2SqlMetrics(metrics)
  chat2sql.updateAiAccuracy('qwen3', '24h', 0.93)
  chat2sql.updateCacheHitRate('schema', 'tables', 1)
  for (const odd of [93, -0.1, Number.NaN, undefined, Symbol('odd')]) {
    chat2sql.updateAiAccuracy('qwen3', '24h', odd as number)
    chat2sql.updateCacheHitRate('schema', 'tables', odd as number)
    chat2sql.recordAiInference('qwen3', 'local', odd === 93 ? -1 : (odd as number))
  }
  chat2sql.updateDatabaseConnections('main', 'default', -2)
  expect(await value('chat2sql_ai_accuracy_rate', { model_name: 'qwen3', time_window: '24h' })).toBe(0.93)
  expect(await value('chat2sql_cache_hit_rate')).toBe(1)
  expect(await value('honoscope_dropped_observations_total', { metric: 'chat2sql_ai_accuracy_rate' })).toBe(5)
  expect(
    await value('honoscope_dropped_observations_total', { metric: 'chat2sql_ai_inference_duration_seconds' }),
  ).toBe(5)
  expect(await value('honoscope_dropped_observations_total', { metric: 'chat2sql_db_connections_active' })).toBe(1)
})

it('folds what is no known value', async () => {
  const { metrics, value } = recordingMetrics()
  const chat2sql = createChat2SqlMetrics(metrics)
  chat2sql.recordSqlQuery('explain' as 'select', 'odd' as 'error', 1)
  for (let i = 0; i < 60; i++) chat2sql.recordAiInference(`model-${i}`, 'local', 1)
  expect(await value('chat2sql_query_total', { query_type: 'other', status: 'other' })).toBe(1)
  expect(await value('chat2sql_ai_inference_duration_seconds_count', { model_name: 'other' })).toBe(10)
})
