import type { Catalogue } from '@honoscope/core'
import type { Cluster, NodeStatus } from '../cluster/cluster.ts'
import { isEven } from '../cluster/state.ts'

/** What the cluster tells as it happens. A hook must not throw. */
export interface ClusterHooks {
  /** A peer's heartbeat was heard, so long after it was sent. */
  readonly onHeartbeat: (lagSeconds: number) => void
}

const statuses = ['active', 'draining', 'down'] as const satisfies readonly NodeStatus[]

/**
 * Registers the cluster's families, of a single node too. `watch` says which cluster they show; until then they are 0.
 */
export function clusterMetrics(metrics: Catalogue): { watch(cluster: Cluster): void; readonly hooks: ClusterHooks } {
  let watched: Cluster | undefined
  metrics.gauge({
    name: 'cluster_nodes_total',
    help: 'Nodes by status, as this node sees them.',
    labels: { status: statuses },
    collect(gauge) {
      const nodes = watched?.state().nodes ?? []
      for (const status of statuses) gauge.set({ status }, nodes.filter((node) => node.status === status).length)
    },
  })
  metrics.gauge({
    name: 'cluster_nodes_parity',
    help: '1 when the number of members is even, else 0.',
    labels: {},
    collect: (gauge) => gauge.set(isEven(watched?.state().members ?? 0) ? 1 : 0),
  })
  metrics.gauge({
    name: 'cluster_quorum_lost',
    help: '1 while quorum is lost, else 0.',
    labels: {},
    collect: (gauge) => gauge.set(watched?.state().isQuorumLost ? 1 : 0),
  })
  const lag = metrics.histogram({
    name: 'gossip_propagation_lag_seconds',
    help: "Delay from a peer's heartbeat notification to its receipt.",
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5],
  })
  return {
    watch(cluster) {
      watched = cluster
    },
    hooks: { onHeartbeat: (lagSeconds) => lag.observe(lagSeconds) },
  }
}
