/** Which node owns which shards: the contract's section 10.1. */
import { murmur3, shardCount } from '../domain/shard.ts'

/** Points of each node on the ring. */
const pointsPerNode = 256

/** How much more than its equal share a node takes at most. */
const spread = 1.03

/** Where the shards sit on the ring; the same for ever. */
const places: readonly number[] = Array.from({ length: shardCount }, (_, shard) => murmur3(`shard-${shard}`))

/**
 * Returns the shards that this node owns while these nodes are active, in ascending order: none when it isn't one of
 * them. All nodes that know of the same active ones, in whatever order, come to the same owners. It takes milliseconds,
 * so it is asked when the membership changes and not for each tick.
 */
export function shardsOf(nodeId: string, activeNodeIds: readonly string[]): readonly number[] {
  const nodes = [...new Set(activeNodeIds)].sort()
  const own = nodes.indexOf(nodeId)
  if (own === -1) return []
  return place(nodes).flatMap((owner, shard) => (owner === own ? [shard] : []))
}

/** The owner of each shard, as an index of `nodes`, which are sorted. */
function place(nodes: readonly string[]): readonly number[] {
  const ring = ringOf(nodes)
  const most = Math.ceil((spread * shardCount) / nodes.length)
  const loads = new Array<number>(nodes.length).fill(0)
  return places.map((at) => {
    let next = firstFrom(ring, at * nodes.length)
    for (;;) {
      const owner = (ring[next % ring.length] ?? 0) % nodes.length
      const load = loads[owner] ?? 0
      if (load < most) {
        loads[owner] = load + 1
        return owner
      }
      next += 1
    }
  })
}

/**
 * The points of all nodes in their order, each as `hash × nodes + node`: so equal hashes are in the order of the nodes,
 * and numbers sort fast. Doubles hold that exactly up to two million nodes.
 */
function ringOf(nodes: readonly string[]): Float64Array {
  points = new Map(nodes.map((nodeId) => [nodeId, points.get(nodeId) ?? pointsOf(nodeId)]))
  const ring = nodes.flatMap((nodeId, node) => (points.get(nodeId) ?? []).map((hash) => hash * nodes.length + node))
  return Float64Array.from(ring).sort()
}

/** Remembered for the nodes that were asked for last, since most of them stay: hashing is the slow part. */
let points: ReadonlyMap<string, readonly number[]> = new Map()

function pointsOf(nodeId: string): readonly number[] {
  return Array.from({ length: pointsPerNode }, (_, i) => murmur3(`${nodeId}#${i}`))
}

/** Index of the first point that is not before `place`; the length of the ring when all are. */
function firstFrom(ring: Float64Array, place: number): number {
  let low = 0
  let high = ring.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ring[middle] ?? 0) < place) low = middle + 1
    else high = middle
  }
  return low
}
