/** The leader, and what it does for all nodes: the contract's section 10.1. */

import type { Log } from '../log.ts'
import type { NodeStore } from '../store/cluster-nodes.ts'
import type { ClusterNode } from './cluster.ts'

/** Options of {@link createLeadership}. */
export interface LeadershipOptions {
  readonly nodeId: string
  readonly store: Pick<NodeStore, 'lead' | 'removeOld'>
  readonly log: Log
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Between two removals of old nodes. Default: a minute. */
  readonly removalMs?: number | undefined
}

/** See {@link createLeadership}. */
export interface Leadership {
  /**
   * With each heartbeat of an active node: takes the lead when nobody has it, and works when this node has it. True
   * when the table has changed. Rejects when the database fails.
   */
  consider(nodes: readonly ClusterNode[]): Promise<boolean>
}

/**
 * Returns this node's claim to lead. The lock is the connection's: it is lost with it, and the server ends the
 * connection of a node that is frozen or cut off, so that another can lead.
 */
export function createLeadership({ nodeId, store, log, now, removalMs = 60_000 }: LeadershipOptions): Leadership {
  let wasLeader = false
  let removedAt = Number.NEGATIVE_INFINITY
  const note = (isLeader: boolean) => {
    if (isLeader !== wasLeader)
      log('info', 'tokmesh.cluster', isLeader ? 'node leads' : 'node no longer leads', { node_id: nodeId })
    wasLeader = isLeader
  }

  return {
    async consider(nodes) {
      const leader = nodes.find((node) => node.isLeader)
      if (!leader) {
        const leads = await store.lead()
        note(leads)
        return leads
      }
      note(leader.nodeId === nodeId)
      if (leader.nodeId !== nodeId || now() - removedAt < removalMs) return false
      removedAt = now()
      return (await store.removeOld()).length > 0
    },
  }
}
