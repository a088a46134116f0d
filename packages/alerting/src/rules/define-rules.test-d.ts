import { expectTypeOf, it } from 'vitest'
import { tokmeshCatalogue } from '../catalogues/index.ts'
import { sum } from '../promql/aggregate.ts'
import type { Expression } from '../promql/expression.ts'
import { histogramQuantile, rate } from '../promql/functions.ts'
import { div } from '../promql/operators.ts'
import { selectFrom } from '../promql/select.ts'

const metric = selectFrom(tokmeshCatalogue)

it('knows series, labels and values', () => {
  metric('tokmesh_token_validate_calls_total', { result: 'valid', instance: 'a' })
  // @ts-expect-error no such metric
  metric('tokmesh_none_total')
  // @ts-expect-error a histogram has no series of its own name
  metric('tokmesh_api_request_duration_seconds')
  // @ts-expect-error no such label
  metric('tokmesh_token_validate_calls_total', { user: 'x' })
  // @ts-expect-error no such value
  metric('tokmesh_token_validate_calls_total', { result: 'vlid' })
  // @ts-expect-error a counter has no le
  sum(rate(metric('tokmesh_token_validate_calls_total'), '5m'), { by: ['le'] })
  const buckets = metric('tokmesh_api_request_duration_seconds_bucket')
  // @ts-expect-error without le there is no quantile
  histogramQuantile(0.9, sum(rate(buckets, '5m'), { by: ['path'] }))
  expectTypeOf(histogramQuantile(0.9, sum(rate(buckets, '5m'), { by: ['le', 'path'] }))).toExtend<Expression<'path'>>()
})

it('knows the labels by which two sides find each other', () => {
  const nodes = metric('tokmesh_cluster_nodes_total')
  const keys = metric('tokmesh_shard_keys_count')
  div(nodes, keys, { on: ['instance'], groupLeft: ['node_id'] })
  div(nodes, keys, { ignoring: ['status', 'node_id'] })
  // @ts-expect-error only the left side has it
  div(nodes, keys, { on: ['status'] })
  // @ts-expect-error neither side has it
  div(nodes, keys, { ignoring: ['stauts'] })
  // @ts-expect-error the right side has it not
  div(nodes, keys, { on: ['instance'], groupLeft: ['status'] })
  // @ts-expect-error a number has no labels
  div(nodes, 2, { on: ['instance'] })
})
