/** What follows from the rows of the membership table: the contract's section 10.1. Pure. */
import type { NodeRow } from '../store/cluster-nodes.ts'
import { type ClusterNode, type ClusterState, downAfterMs } from './cluster.ts'

/**
 * Returns the nodes that `rows` show, `lookedMs` after the look. A node that is not heard of for 5 s is down; where it
 * had begun to leave, it no longer counts: it had said that it goes.
 */
export function nodesOf(rows: readonly NodeRow[], lookedMs = 0): readonly ClusterNode[] {
  return rows.map(({ instance: _, status: said, ageMs, ...row }) => {
    const isDown = said === 'left' || ageMs + lookedMs >= downAfterMs
    const status = isDown ? 'down' : said
    // The server gives numbers of processes again: the lock of another one is not the lock of a node that is down.
    return { ...row, status, hasLeft: isDown && said !== 'active', isLeader: row.isLeader && !isDown }
  })
}

/** Returns what follows from the nodes. Without any member nothing is lost, and nothing is even. */
export function stateOf(nodes: readonly ClusterNode[]): ClusterState {
  const active = nodes.filter(({ status }) => status === 'active')
  const down = nodes.filter(({ status, hasLeft }) => status === 'down' && !hasLeft)
  const members = active.length + down.length
  const quorum = Math.floor(members / 2) + 1
  const isQuorumLost = members > 0 && active.length < quorum
  const reasons = [
    ...(isQuorumLost ? [`Quorum lost: ${active.length} of ${members} active`] : []),
    ...(isEven(members) ? [`Even nodes: ${members}`] : []),
    ...down.map(({ nodeId }) => `Node down: ${nodeId}`),
  ]
  const state = isQuorumLost ? 'quorum_lost' : reasons.length > 0 ? 'degraded' : 'healthy'
  return { nodes, members, activeMembers: active.length, quorum, isQuorumLost, state, reasons }
}

/** Whether so many members are an even number of them. */
export const isEven = (members: number): boolean => members > 0 && members % 2 === 0
