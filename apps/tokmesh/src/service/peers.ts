/** What joins this process to others: its ear to the database, and its part in the cluster. */
import type { Cluster } from '../cluster/cluster.ts'
import { createCluster } from '../cluster/create-cluster.ts'
import { alwaysFresh, type Freshness } from '../cluster/freshness.ts'
import type { Doubt } from '../cluster/memory-age.ts'
import { singleNode } from '../cluster/single.ts'
import { createSubscription } from '../cluster/subscriber.ts'
import type { ClusterMessage, Subscription } from '../cluster/subscription.ts'
import { formatHostPort } from '../config/format.ts'
import type { Config } from '../config.ts'
import { TokMeshError } from '../domain/errors.ts'
import type { Log } from '../log.ts'
import type { Database } from '../store/database.ts'
import type { ClusterHooks } from '../telemetry/cluster.ts'
import type { Parts } from './parts.ts'

/** The ear of this process; none where the database has no other process. Throws when the URL is none. */
export function listenTo({ databaseUrl: url }: Config, log: Log): Subscription | undefined {
  if (url === undefined) return undefined
  const onFault = (cause: Doubt) => {
    const message = 'sessions are read from the database until changes are heard of again'
    if (cause !== 'closed') log('warn', 'tokmesh.cluster', message, { cause })
  }
  return createSubscription({ url, onFault })
}

/** What vouches for the memory of this process. */
export const freshnessOf = (subscription: Subscription | undefined): Freshness => subscription?.freshness ?? alwaysFresh

export interface PeersOptions {
  readonly config: Config
  readonly nodeId: string
  readonly database: Database
  readonly subscription: Subscription | undefined
  /** Sessions of this node's shards without tombstones. */
  readonly sessionsCount: () => Promise<number>
  readonly hooks: ClusterHooks
  readonly log: Log
}

/** This node's part in the cluster, and who takes the messages of the others. */
export interface Peers {
  readonly cluster: Cluster
  readonly onMessage: (message: ClusterMessage) => void
}

/** A node of many where the cluster is enabled, else a node alone. */
export function createPeers({
  config,
  nodeId,
  database,
  subscription,
  sessionsCount,
  hooks,
  log,
}: PeersOptions): Peers {
  const { clusterEnabled, revokeSyncTimeoutMs: confirmTimeoutMs } = config
  const identity = { nodeId, address: addressOf(config) }
  if (!clusterEnabled || !subscription) return { cluster: singleNode(identity), onMessage: () => {} }
  const cluster = createCluster({
    ...{ ...identity, database, subscription, confirmTimeoutMs, sessionsCount, log },
    onHeartbeat: hooks.onHeartbeat,
  })
  return { cluster, onMessage: cluster.onMessage }
}

/** Where the others reach this node. */
function addressOf({ advertiseAddress, httpEnabled, httpAddress, httpsAddress }: Config): string {
  return formatHostPort(advertiseAddress || (httpEnabled ? httpAddress : httpsAddress))
}

/**
 * Begins to hear of what changes, and to forget what was remembered of it. Resolves when the node hears, and knows the
 * database's clock; rejects when `signal` says that nobody waits any more.
 */
export async function startListening(
  subscription: Subscription | undefined,
  { memory, keys }: Pick<Parts, 'memory' | 'keys'>,
  onMessage: Peers['onMessage'],
  onRevoked: (lagSeconds: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if (subscription === undefined) return
  subscription.start({
    ...{ onRevoked, onMessage, onSessions: memory.forget, onDoubt: memory.clear },
    onKeys: (ids) => ids.forEach(keys.invalidate),
  })
  while (!(await subscription.reached(0, 500))) {
    if (signal.aborted) throw new TokMeshError('TM-SYS-5030', 'The node was told to stop before it had started.')
  }
}
