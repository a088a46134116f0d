import type { Catalogue } from '@honoscope/core'

/** Registers the cluster's families with what they are on a single node: a cluster of one, which is always whole. */
export function singleNodeMetrics(metrics: Catalogue, isDraining: () => boolean): void {
  metrics.gauge({
    name: 'cluster_nodes_total',
    help: 'Nodes by status, as this node sees them.',
    labels: { status: ['active', 'draining', 'down'] },
    collect(nodes) {
      nodes.set({ status: 'active' }, isDraining() ? 0 : 1)
      nodes.set({ status: 'draining' }, isDraining() ? 1 : 0)
    },
  })
  metrics.gauge({ name: 'cluster_nodes_parity', help: '1 when the number of members is even, else 0.' })
  metrics.gauge({ name: 'cluster_quorum_lost', help: '1 while quorum is lost, else 0.' })
  metrics.histogram({
    name: 'gossip_propagation_lag_seconds',
    help: "Delay from a peer's heartbeat notification to its receipt.",
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5],
  })
}
