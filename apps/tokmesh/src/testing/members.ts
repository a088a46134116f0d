/** Nodes of a cluster as tests make them: several in one process, each with a subscription and a pool of its own. */
import { startTcpProxy, type TcpProxy } from '@honoscope/testing/tcp-proxy'
import { type ClusterMember, createCluster } from '../cluster/create-cluster.ts'
import { createSubscription } from '../cluster/subscriber.ts'
import type { ClusterMessage, Subscription } from '../cluster/subscription.ts'
import { type Database, openDatabase } from '../store/database.ts'

/** What a test decides about a member. */
export interface MemberOptions {
  readonly url: string
  readonly nodeId: string
  readonly confirmTimeoutMs?: number
  readonly sessionsCount?: () => Promise<number> | number
  /** What becomes of the subscription before the cluster uses it, to make it slow. */
  readonly decorate?: (subscription: Subscription) => Subscription
}

/** A node of a cluster under test. */
export interface Member {
  readonly cluster: ClusterMember
  readonly subscription: Subscription
  readonly database: Database
  /** `<level> <message> <node id>` of each line that it logged. */
  readonly lines: readonly string[]
  /** Delays of the peers' heartbeats, seconds. */
  readonly lags: readonly number[]
  /** Cuts its subscription off, and thaws it again. */
  readonly proxy: TcpProxy
  /** Statuses of all nodes as it sees them: `a active, b down`. */
  sees(): string
  /** Ends its connection without a word, as `kill -9` does. */
  kill(): Promise<void>
  /** Leaves in order. */
  stop(): Promise<void>
}

/** Makes a member that has not joined. */
export async function createMember(options: MemberOptions): Promise<Member> {
  const { url, nodeId, confirmTimeoutMs = 5_000, sessionsCount = () => 0, decorate = (same) => same } = options
  const proxy = await startTcpProxy(Number(new URL(url).port))
  const proxied = new URL(url)
  proxied.port = String(proxy.port)
  const subscription = decorate(createSubscription({ url: proxied.href }))
  const database = await openDatabase({ url, dataDir: 'memory://', poolSize: 2 })
  const [lines, lags]: [string[], number[]] = [[], []]
  const cluster = createCluster({
    ...{ nodeId, address: `${nodeId}.test:5080`, database, subscription, confirmTimeoutMs, sessionsCount },
    log: (level, _logger, message, fields) => lines.push(`${level} ${message} ${fields?.node_id ?? ''}`.trim()),
    onHeartbeat: (lagSeconds) => lags.push(lagSeconds),
  })
  const nothing = () => {}
  const onMessage = (message: ClusterMessage) => cluster.onMessage(message)
  subscription.start({ onSessions: nothing, onRevoked: nothing, onKeys: nothing, onDoubt: nothing, onMessage })
  const close = async () => {
    await subscription.close()
    await database.close()
    await proxy.stop()
  }
  return {
    ...{ cluster, subscription, database, lines, lags, proxy },
    sees: () =>
      cluster
        .state()
        .nodes.map((node) => `${node.nodeId.replace('tmnd-', '')} ${node.status}`)
        .join(', '),
    kill: close,
    async stop() {
      await cluster.drain()
      await cluster.leave()
      await close()
    },
  }
}

/** Makes a member that has joined. */
export async function startMember(options: MemberOptions): Promise<Member> {
  const member = await createMember(options)
  await member.cluster.join(new AbortController().signal)
  return member
}
