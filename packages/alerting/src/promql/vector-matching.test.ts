import { describe, expect, it } from 'vitest'
import { tokmeshCatalogue } from '../catalogues/index.ts'
import { checkExpression } from './check.ts'
import type { Expression, Operand } from './expression.ts'
import { and, div, mul, or } from './operators.ts'
import { selectFrom } from './select.ts'
import type { Matching } from './vector-matching.ts'

const metric = selectFrom(tokmeshCatalogue)
// Of labels that the compiler does not know, as those of a catalogue that is read at run time.
const nodes: Expression = metric('tokmesh_cluster_nodes_total')
const keys: Expression = metric('tokmesh_shard_keys_count')

describe('matching', () => {
  it.each<[Matching, string, readonly string[]]>([
    [{ on: ['instance'] }, 'on (instance)', ['instance']],
    [{ on: ['instance'], groupLeft: ['node_id'] }, 'on (instance) group_left (node_id)', ['status', 'node_id']],
    [{ ignoring: ['status', 'node_id'] }, 'ignoring (status, node_id)', ['instance']],
  ])('%j', (matching, clause, labels) => {
    const made = div(nodes, keys, matching)
    expect(made.text).toBe(`tokmesh_cluster_nodes_total / ${clause} tokmesh_shard_keys_count`)
    expect(made.labels).toEqual(expect.arrayContaining([...labels]))
    expect(checkExpression(made.text, { catalogue: tokmeshCatalogue })).toEqual([])
  })

  it.each<[Operand, Matching, string]>([
    [keys, { on: ['status'] }, 'tokmesh_shard_keys_count has no label status'],
    [
      keys,
      { ignoring: ['stauts'] },
      'neither tokmesh_cluster_nodes_total nor tokmesh_shard_keys_count has a label stauts',
    ],
    [keys, { on: ['instance'], groupLeft: ['status'] }, 'tokmesh_shard_keys_count has no label status'],
    [keys, { groupLeft: ['node_id'] }, 'groupLeft needs on or ignoring'],
    [keys, { on: ['instance'], ignoring: ['status'] }, 'exclude each other'],
    [2, { on: ['instance'] }, 'a number has no labels'],
  ])('is refused where Prometheus would refuse it, or find nothing: %j %j', (right, matching, message) => {
    expect(() => mul(nodes, right, matching)).toThrow(message)
  })

  it('is of sets, for "and" and "or"', () => {
    expect(() => and(nodes, 1)).toThrow('and: between two sets')
    expect(() => or(nodes, keys, { on: ['instance'], groupLeft: ['node_id'] })).toThrow('or: between two sets')
  })
})
