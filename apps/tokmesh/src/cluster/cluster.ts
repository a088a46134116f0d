/** The cluster as one node sees it: the contract's section 10.1. */

/** What is told of a node's state. A node whose heartbeat has stopped, or that has left, is `down`. */
export type NodeStatus = 'active' | 'draining' | 'down'

/** A node without a heartbeat for so long is down, milliseconds. */
export const downAfterMs = 5_000

/** A row of the membership table. */
export interface ClusterNode {
  readonly nodeId: string
  /** host:port under which the others reach it. */
  readonly address: string
  readonly status: NodeStatus
  /** It has left, or has gone after it had said that it would: it no longer counts as a member. */
  readonly hasLeft: boolean
  readonly isLeader: boolean
  readonly version: string
  readonly uptimeSeconds: number
  /** Unix ms by the database's clock. */
  readonly lastHeartbeat: number
  /** Sessions of its shards without tombstones, as it said with its last heartbeat. */
  readonly sessionsCount: number
}

/** What follows from the nodes. */
export interface ClusterState {
  readonly nodes: readonly ClusterNode[]
  /** Nodes that are active, and those whose heartbeat has stopped. */
  readonly members: number
  readonly activeMembers: number
  /** floor(members / 2) + 1. */
  readonly quorum: number
  readonly isQuorumLost: boolean
  readonly state: 'healthy' | 'degraded' | 'quorum_lost'
  /** E.g. `Even nodes: 4`, `Node down: tmnd-…`. */
  readonly reasons: readonly string[]
}

/** How many members have confirmed. */
export interface Confirmation {
  readonly confirmed: number
  readonly required: number
}

/** This node's part in the cluster. */
export interface Cluster {
  readonly nodeId: string
  /** The nodes as of the last heartbeat. */
  state(): ClusterState
  /** The nodes as the database has them now. Rejects with `TM-CLST-5030`, `TM-CLST-5040` or `TM-SYS-5030`. */
  nodes(): Promise<readonly ClusterNode[]>
  /** Whether this node does what one does for all. */
  isLeader(): boolean
  /** The shards that this node sweeps and counts; `undefined`: all. */
  shards(): readonly number[] | undefined
  /**
   * Waits until a majority of the members, this node included, knows every change that is committed by now. Rejects
   * with `TM-SYS-5030`, whose details have the {@link Confirmation}, after `cluster.revoke_sync_timeout`, or at once
   * while quorum is lost.
   */
  confirm(): Promise<Confirmation>
  /** Why this node may not be called ready, `undefined` when it may. */
  fault(): string | undefined
  /**
   * Enters the membership; resolves when that is done. Rejects with `TM-CLST-4090` when a living node has the id, and
   * when `signal` says that nobody waits any more.
   */
  join(signal: AbortSignal): Promise<void>
  /** Says that this node is going to leave, and no longer owns shards or leads. Never rejects. */
  drain(): Promise<void>
  /** Says that it has left. Never rejects. */
  leave(): Promise<void>
}
