import { describe, expect, it } from 'vitest'
import { tokmeshCatalogue } from '../catalogues/index.ts'
import { selectorsOf } from './check.ts'
import * as functions from './functions.ts'
import { gte, lt, lte, mul, ne, sub } from './operators.ts'
import { selectFrom } from './select.ts'

const metric = selectFrom(tokmeshCatalogue)
const creates = metric('tokmesh_session_create_total')
const memory = metric('tokmesh_mem_usage_bytes')
const buckets = metric('tokmesh_api_request_duration_seconds_bucket')

const written = [
  ['rate', functions.rate(creates, '5m'), 'rate(tokmesh_session_create_total[5m])'],
  ['irate', functions.irate(creates, '5m'), 'irate(tokmesh_session_create_total[5m])'],
  ['increase', functions.increase(creates, '5m'), 'increase(tokmesh_session_create_total[5m])'],
  ['delta', functions.delta(memory, '1h'), 'delta(tokmesh_mem_usage_bytes[1h])'],
  ['changes', functions.changes(memory, '1h'), 'changes(tokmesh_mem_usage_bytes[1h])'],
  ['avgOverTime', functions.avgOverTime(memory, '1h'), 'avg_over_time(tokmesh_mem_usage_bytes[1h])'],
  ['maxOverTime', functions.maxOverTime(memory, '1h'), 'max_over_time(tokmesh_mem_usage_bytes[1h])'],
  ['minOverTime', functions.minOverTime(memory, '1h'), 'min_over_time(tokmesh_mem_usage_bytes[1h])'],
  ['sumOverTime', functions.sumOverTime(memory, '1h'), 'sum_over_time(tokmesh_mem_usage_bytes[1h])'],
  [
    'predictLinear',
    functions.predictLinear(memory, '6h', 86_400),
    'predict_linear(tokmesh_mem_usage_bytes[6h], 86400)',
  ],
  [
    'histogramQuantile',
    functions.histogramQuantile(0.9, functions.rate(buckets, '5m')),
    'histogram_quantile(0.9, rate(tokmesh_api_request_duration_seconds_bucket[5m]))',
  ],
  ['abs', functions.abs(memory), 'abs(tokmesh_mem_usage_bytes)'],
  ['ceil', functions.ceil(memory), 'ceil(tokmesh_mem_usage_bytes)'],
  ['absent', functions.absent(memory), 'absent(tokmesh_mem_usage_bytes)'],
  ['vector', functions.vector(0), 'vector(0)'],
  ['time', functions.time(), 'time()'],
  ['clampMin', functions.clampMin(sub(memory, 1), 0), 'clamp_min(tokmesh_mem_usage_bytes - 1, 0)'],
] as const

describe('functions of PromQL', () => {
  it.each(written)('%s is written by its name there, and is PromQL', (_, expression, text) => {
    expect(expression.text).toBe(text)
    expect(() => selectorsOf(text)).not.toThrow()
  })

  it('are all in the table above', () => {
    expect(Object.keys(functions).sort()).toEqual(written.map(([name]) => name).sort())
  })

  it.each([
    [lt(memory, 1), 'tokmesh_mem_usage_bytes < 1'],
    [lte(memory, 1), 'tokmesh_mem_usage_bytes <= 1'],
    [gte(memory, 1), 'tokmesh_mem_usage_bytes >= 1'],
    [ne(memory, 1), 'tokmesh_mem_usage_bytes != 1'],
    [mul(sub(memory, 1), 2), '(tokmesh_mem_usage_bytes - 1) * 2'],
    [sub(memory, sub(memory, 1)), 'tokmesh_mem_usage_bytes - (tokmesh_mem_usage_bytes - 1)'],
  ])('operators stand between their operands, in parentheses where they bind less', (expression, text) => {
    expect(expression.text).toBe(text)
    expect(() => selectorsOf(text)).not.toThrow()
  })
})
