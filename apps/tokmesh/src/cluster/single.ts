import { version } from '../version.ts'
import type { Cluster, ClusterNode, ClusterState } from './cluster.ts'

/** What a node is called, and where it is. */
export interface NodeIdentity {
  readonly nodeId: string
  /** host:port. */
  readonly address: string
}

/** Returns the cluster of a node that is alone: always whole, its own leader, with all shards. */
export function singleNode({ nodeId, address }: NodeIdentity): Cluster {
  let isDraining = false
  const self = (): ClusterNode => ({
    ...{ nodeId, address, version },
    status: isDraining ? 'draining' : 'active',
    hasLeft: false,
    isLeader: true,
    uptimeSeconds: Math.floor(process.uptime()),
    lastHeartbeat: Date.now(),
    sessionsCount: 0,
  })
  const state = (): ClusterState => ({
    ...{ nodes: [self()], members: 1, activeMembers: 1, quorum: 1 },
    ...{ isQuorumLost: false, state: 'healthy', reasons: [] },
  })
  return {
    ...{ nodeId, state },
    nodes: async () => [self()],
    isLeader: () => true,
    shards: () => undefined,
    confirm: async () => ({ confirmed: 1, required: 1 }),
    fault: () => undefined,
    join: async () => {},
    async drain() {
      isDraining = true
    },
    leave: async () => {},
  }
}
