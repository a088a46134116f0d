import { tokmeshCatalogue } from '../catalogues/index.ts'
import { avg, max, min } from '../promql/aggregate.ts'
import { div } from '../promql/operators.ts'
import { selectFrom } from '../promql/select.ts'
import { distribution, perSecond, quantiles } from './expressions.ts'
import { chosen } from './series.ts'
import type { RowSpec } from './spec.ts'

const series = selectFrom(tokmeshCatalogue)
const keys = series('tokmesh_shard_keys_count', chosen)
const revokes = series('tokmesh_session_revoke_propagation_lag_seconds_bucket', chosen)

export const nodes: RowSpec = {
  title: 'Cluster: nodes',
  lines: [
    [
      {
        title: 'Nodes by status',
        description:
          'Nodes as the node sees them that sees the most of a status. All active is normal; down that stays: a node is gone and not removed.',
        unit: 'short',
        queries: [
          { expr: max(series('tokmesh_cluster_nodes_total', chosen), { by: ['status'] }), legend: '{{status}}' },
        ],
      },
      {
        title: 'Quorum lost, and an even number of nodes',
        description:
          'Quorum: 1 on a node that sees no majority; revokes that wait for one fail, all else goes on; ClusterSplitBrain pages. Parity: 1 when the number of members is even, which survives no more failures than one node fewer.',
        unit: 'short',
        queries: [
          {
            expr: max(series('tokmesh_cluster_quorum_lost', chosen), { by: ['instance'] }),
            legend: 'lost at {{instance}}',
          },
          { expr: max(series('tokmesh_cluster_nodes_parity', chosen)), legend: 'even' },
        ],
        limits: { critical: 1 },
        max: 1,
      },
      {
        title: 'Health checks',
        description:
          '1 passed, 0 failed, of the instance that fares worst; absent while a check is skipped. 0 at ready takes the node out of the Service.',
        unit: 'short',
        queries: [
          {
            expr: min(series('tokmesh_health_check_status', chosen), { by: ['probe', 'check'] }),
            legend: '{{probe}}: {{check}}',
          },
        ],
        limits: { critical: 1, below: true },
        max: 1,
      },
    ],
    [
      {
        title: 'Sessions of each node',
        description: 'Sessions of the shards that each node owns. Even shares are normal.',
        unit: 'short',
        queries: [{ expr: max(keys, { by: ['instance'] }), legend: '{{instance}}' }],
      },
      {
        title: 'Skew',
        description:
          'The fullest node against the average. Up to 1.3 is normal; above, DataSkew warns: a node has just come or gone, nodes disagree about who is there, or the sweep is behind.',
        unit: 'short',
        queries: [{ expr: div(max(keys), avg(keys)), legend: 'fullest of average' }],
        limits: { warning: 1.3 },
      },
      {
        title: 'CPU',
        description:
          'Part of the cores that each process may use. Above 85 % for five minutes HighResourceUsage warns.',
        unit: 'percentunit',
        queries: [
          { expr: max(series('tokmesh_cpu_usage_ratio', chosen), { by: ['instance'] }), legend: '{{instance}}' },
        ],
        limits: { warning: 0.85, critical: 0.95 },
        max: 1,
      },
      {
        title: 'Memory of its limit',
        description:
          'Part of the memory that each process may use. Above 85 % HighResourceUsage warns; at 100 % the kernel kills it.',
        unit: 'percentunit',
        queries: [
          {
            expr: max(div(series('tokmesh_mem_usage_bytes', chosen), series('tokmesh_mem_limit_bytes', chosen)), {
              by: ['instance'],
            }),
            legend: '{{instance}}',
          },
        ],
        limits: { warning: 0.85, critical: 0.95 },
        max: 1,
      },
    ],
  ],
}

export const revocation: RowSpec = {
  title: 'Cluster: how fast nodes hear of each other',
  lines: [
    [
      {
        title: 'Revoke lag',
        description:
          'From the commit of a revoke until the session is unusable on a node. Below 1 s is normal; above 2 s and 5 s (P99) it warns and pages: revoked sessions still pass.',
        unit: 's',
        queries: quantiles(revokes),
        limits: { warning: 2, critical: 5 },
      },
      {
        title: 'Distribution of the revoke lag',
        kind: 'heatmap',
        description:
          'Revokes by their lag. All at the bottom is normal; what is above 1 s was heard of by the look at the table and not by notification.',
        unit: 's',
        queries: distribution(revokes),
      },
      {
        title: 'Gossip lag',
        description:
          'Delay of heartbeats between nodes; without peers there is none. Below 100 ms is normal; seconds, and nodes take each other for down.',
        unit: 's',
        queries: quantiles(series('tokmesh_gossip_propagation_lag_seconds_bucket', chosen)),
        limits: { warning: 1, critical: 5 },
      },
      {
        title: 'Certificate reloads that failed',
        description: 'Failures a second. 0 is normal; else the old certificate serves on until it expires.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('tokmesh_tls_reload_failures_total', chosen), ['instance']),
            legend: '{{instance}}',
          },
        ],
        limits: { warning: 0.001 },
      },
    ],
  ],
}
