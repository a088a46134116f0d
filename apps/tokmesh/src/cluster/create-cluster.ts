/** Puts together what makes this process a node of a cluster. */
import { runInScope } from '@honoscope/core'
import { TokMeshError } from '../domain/errors.ts'
import type { Log } from '../log.ts'
import { createNodeStore, lastChange, listNodes } from '../store/cluster-nodes.ts'
import type { Database } from '../store/database.ts'
import { DatabaseFault } from '../store/faults.ts'
import { version } from '../version.ts'
import { changesLog } from './changes-log.ts'
import type { Cluster, ClusterNode, ClusterState } from './cluster.ts'
import { createConfirmations } from './confirmations.ts'
import { createLeadership } from './leader.ts'
import { createMembership } from './membership.ts'
import { shardsOf } from './shards.ts'
import type { NodeIdentity } from './single.ts'
import { nodesOf, stateOf } from './state.ts'
import type { ClusterMessage, Subscription } from './subscription.ts'

/** Options of {@link createCluster}. */
export interface ClusterOptions extends NodeIdentity {
  /** The primary: it is asked for `nodes()` and for the number of the last change. */
  readonly database: Database
  /** Somebody else starts it, hands its messages to {@link ClusterMember.onMessage}, and closes it after `leave`. */
  readonly subscription: Subscription
  /** `cluster.revoke_sync_timeout`. */
  readonly confirmTimeoutMs: number
  /** Sessions of this node's shards without tombstones; what it says last is told to the others. */
  readonly sessionsCount: () => Promise<number> | number
  readonly log: Log
  /** A peer's heartbeat was heard, so long after it was sent. It must not throw. */
  readonly onHeartbeat?: ((lagSeconds: number) => void) | undefined
  /** Monotonic milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined
  /** Between two heartbeats. Default: 1,000. */
  readonly heartbeatMs?: number | undefined
}

/** A node of a cluster of many. */
export interface ClusterMember extends Cluster {
  /** Takes every message of the subscription. Never throws. */
  onMessage(message: ClusterMessage): void
}

/**
 * Returns this node's part in the cluster, which begins with `join`. A node that cannot reach the database for 5 s
 * cannot know of the others: all of them look down to it, so that quorum is lost, and it owns no shard, since the
 * others share out what it had.
 */
export function createCluster(options: ClusterOptions): ClusterMember {
  const { nodeId, address, database, subscription, log, now = () => performance.now() } = options
  const store = createNodeStore(subscription.query, nodeId, subscription.sender)
  const count = latest(options.sessionsCount)
  const tellChanges = changesLog(log, nodeId)
  const leadership = createLeadership({ nodeId, store, log, now })
  let shards: { readonly key: string; readonly owned: readonly number[] } | undefined

  const state = (): ClusterState => stateOf(membership.nodes())
  const membership = createMembership({
    ...{ nodeId, store, subscription, log, now, heartbeatMs: options.heartbeatMs ?? 1_000 },
    entry: () => ({ address, version, uptimeSeconds: process.uptime() }),
    sessionsCount: count,
    onChange() {
      tellChanges(state())
      confirmations.onChange()
    },
    async onBeat() {
      if (membership.isActive() && (await leadership.consider(membership.nodes()))) {
        await membership.look()
        await subscription.publish('members')
      }
    },
  })
  const confirmations = createConfirmations({
    ...{ subscription, state, activeInstances: membership.activeInstances },
    lastChange: () => lastChange(database),
    timeoutMs: options.confirmTimeoutMs,
  })
  const isOwn = (node: ClusterNode) => node.nodeId === nodeId

  return {
    ...{ nodeId, state, confirm: confirmations.confirm, fault: membership.fault },
    ...{ join: membership.join, drain: membership.drain, leave: membership.leave },
    async nodes() {
      const nodes = nodesOf(await listNodes(database).catch(tooLong))
      if (nodes.every(({ status }) => status === 'down'))
        throw new TokMeshError('TM-CLST-5030', 'No usable node is in the membership table.')
      return nodes
    },
    isLeader: () =>
      membership.isActive() && subscription.isLive() && membership.nodes().some((node) => isOwn(node) && node.isLeader),
    shards() {
      if (!membership.isActive()) return []
      const active = membership.nodes().flatMap((node) => (node.status === 'active' ? [node.nodeId] : []))
      const key = active.join(' ')
      if (shards?.key !== key) shards = { key, owned: shardsOf(nodeId, active) }
      return shards.owned
    },
    onMessage(message) {
      const isPeer = message.sender !== subscription.sender
      if (message.kind === 'members') void runInScope(undefined, membership.look)
      else if (message.kind === 'heartbeat') isPeer && options.onHeartbeat?.(message.lagSeconds)
      else confirmations.onMessage(message)
    },
  }
}

/** Our own limit, the server's, and its one for locks. */
const timeouts = new Set(['DEADLINE', '57014', '55P03'])

function tooLong(error: unknown): never {
  const cause = error instanceof TokMeshError ? error.cause : undefined
  if (cause instanceof DatabaseFault && timeouts.has(cause.code))
    throw new TokMeshError('TM-CLST-5040', 'The membership table could not be read in time.', { cause })
  throw error
}

/** Returns a function that gives the last result of `read`, 0 before the first, and begins to read the next. */
function latest(read: () => Promise<number> | number): () => number {
  let last = 0
  let isReading = false
  const again = async () => {
    isReading = true
    try {
      last = await read()
    } catch {
      // It stays as it was; whoever reads for the metrics says why.
    }
    isReading = false
  }
  return () => {
    if (!isReading) void again()
    return last
  }
}
