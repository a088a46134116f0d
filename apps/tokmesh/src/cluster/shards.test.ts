import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { murmur3 } from '../domain/shard.ts'
import { shardsOf } from './shards.ts'

const named = (count: number) =>
  Array.from({ length: count }, (_, i) => `tmnd-${(i + 10).toString(32).padStart(26, '0')}`)

/** The owner of each shard, an index of `nodes`; -1 without one, -2 with two. */
function owners(nodes: readonly string[]): readonly number[] {
  const found = new Array<number>(1024).fill(-1)
  nodes.forEach((nodeId, node) => {
    for (const shard of shardsOf(nodeId, nodes)) found[shard] = found[shard] === -1 ? node : -2
  })
  return found
}

/** The contract's sentences, one by one and slowly. */
function model(nodes: readonly string[]): readonly number[] {
  const points = nodes.flatMap((id) => Array.from({ length: 256 }, (_, i) => ({ id, at: murmur3(`${id}#${i}`) })))
  points.sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1))
  const loads = new Map(nodes.map((id) => [id, 0]))
  const most = Math.ceil((1.03 * 1024) / nodes.length)
  return Array.from({ length: 1024 }, (_, shard) => {
    const at = murmur3(`shard-${shard}`)
    const walk = [...points.filter((point) => point.at >= at), ...points.filter((point) => point.at < at)]
    const owner = walk.find(({ id }) => (loads.get(id) ?? 0) < most)?.id ?? ''
    loads.set(owner, (loads.get(owner) ?? 0) + 1)
    return nodes.indexOf(owner)
  })
}

const count = (all: readonly number[], node: number) => all.filter((owner) => owner === node).length

describe('the owners of shards', () => {
  // From an implementation in Python that shares no code with this one.
  it.each([
    [2, [528, 496], '1100010010100001010101010010010001100111', 'ff17c7b53176448a'],
    [3, [352, 343, 329], '2222012010100001020101220022022002200121', '09e4ea3aec5ecd7b'],
    [5, [209, 211, 211, 211, 182], '4333034010304301334131424323033342233343', '01d34028c65d9c9d'],
  ])('of %i nodes are those of another implementation', (size, loads, first, hash) => {
    const found = owners(named(size))
    expect(found.slice(0, first.length).join('')).toBe(first)
    expect(loads.map((_, node) => count(found, node))).toEqual(loads)
    expect(createHash('sha256').update(found.join('')).digest('hex').slice(0, 16)).toBe(hash)
  })

  it('are those of the contract, whatever the nodes are called', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(ids, (nodes) => {
        expect(owners(nodes)).toEqual(model(nodes))
      }),
      { numRuns: 15 },
    )
  })

  it('belong to the smaller id where two nodes have one point', () => {
    // Found by trying: n152 and n983 share the point that shard 467 comes to.
    for (const nodes of [
      ['n152', 'n983'],
      ['n983', 'n152'],
    ]) {
      expect(shardsOf('n152', nodes)).toEqual(expect.arrayContaining([467, 675, 793, 957]))
    }
    expect(model(['n152', 'n983'])).toEqual(owners(['n152', 'n983']))
  })

  it('are one for each shard, and none takes more than 3 % above its share', () => {
    for (const size of [1, 2, 3, 4, 10, 100]) {
      const nodes = named(size)
      const found = owners(nodes)
      expect(Math.min(...found)).toBe(0)
      for (const node of nodes.keys()) expect(count(found, node)).toBeLessThanOrEqual(Math.ceil((1.03 * 1024) / size))
    }
  })

  it('do not depend on the order in which the nodes are told, nor on one that is told twice', () => {
    const nodes = named(5)
    for (const nodeId of nodes) {
      expect(shardsOf(nodeId, [...nodes, ...nodes].reverse())).toEqual(shardsOf(nodeId, nodes))
    }
  })

  it('have nothing when they are not among the active nodes', () => {
    expect(shardsOf('tmnd-z', named(3))).toEqual([])
    expect(shardsOf('tmnd-z', [])).toEqual([])
  })

  it.each([3, 10, 100])('mostly stay when one of %i nodes leaves', (size) => {
    const nodes = named(size)
    const before = owners(nodes)
    const after = owners(nodes.slice(0, -1))
    const moved = before.filter((owner, shard) => owner !== after[shard]).length
    const needed = count(before, size - 1)
    expect(moved).toBeLessThan(needed + 30)
  })
})
