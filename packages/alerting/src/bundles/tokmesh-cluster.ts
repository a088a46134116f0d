import { avg, max, sum } from '../promql/aggregate.ts'
import { histogramQuantile, rate } from '../promql/functions.ts'
import { eq, gt, times } from '../promql/operators.ts'
import type { RuleTools } from '../rules/define-rules.ts'
import type { AlertRule } from '../rules/rule.ts'
import type { TokMeshCatalogue } from './tokmesh.ts'

const component = 'tokmesh-cluster'

/** Returns the alerts about nodes and how fast a revoke reaches them. */
export function clusterAlerts(tools: RuleTools<TokMeshCatalogue>): readonly AlertRule[] {
  return [...revokeAlerts(tools), ...memberAlerts(tools)]
}

function revokeAlerts({ metric, alert }: RuleTools<TokMeshCatalogue>): readonly AlertRule[] {
  const lag = metric('tokmesh_session_revoke_propagation_lag_seconds_bucket')
  const p99 = histogramQuantile(0.99, sum(rate(lag, '5m'), { by: ['le'] }))
  return [
    alert('CriticalSessionRevokePropagationLag', {
      expr: gt(p99, 5),
      for: '1m',
      severity: 'critical',
      component,
      summary: 'TokMesh: revokes take far too long to reach all nodes',
      description:
        'At P99 a node learns of a revoke after {{ $value | humanizeDuration }}; 2 s are promised. Nodes that do not ' +
        'know how old their memory is ask the database, so validations are slow.',
    }),
    alert('HighSessionRevokePropagationLag', {
      expr: gt(p99, 2),
      for: '5m',
      severity: 'warning',
      component,
      summary: 'TokMesh: revokes are slow to reach all nodes',
      description:
        'At P99 a node learns of a revoke after {{ $value | humanizeDuration }}; 2 s are promised. Who logged out or ' +
        'was thrown out may be let in for a moment more.',
    }),
  ]
}

function memberAlerts({ metric, alert }: RuleTools<TokMeshCatalogue>): readonly AlertRule[] {
  return [
    alert('ClusterSplitBrain', {
      expr: eq(max(metric('tokmesh_cluster_quorum_lost')), 1),
      for: '30s',
      severity: 'critical',
      component,
      summary: 'TokMesh: quorum is lost',
      description:
        'Fewer than a majority of the members are active. Revokes that wait for a majority are stored, but answered ' +
        'with TM-SYS-5030; logins and validations go on.',
    }),
    alert('DataSkew', {
      expr: gt(max(metric('tokmesh_shard_keys_count')), times(1.3, avg(metric('tokmesh_shard_keys_count')))),
      for: '10m',
      severity: 'warning',
      component,
      summary: 'TokMesh: one node has far more sessions than others',
      description:
        'The fullest node owns {{ $value | humanize }} sessions, more than 1.3 times the mean. Users notice nothing ' +
        'at first; expired sessions are swept later than they should be.',
    }),
    alert('EvenNodeCount', {
      expr: eq(max(metric('tokmesh_cluster_nodes_parity')), 1),
      for: '5m',
      severity: 'warning',
      component,
      summary: 'TokMesh: the number of nodes is even',
      description:
        'An even number of members bears no more losses than one less would. Users notice nothing, until half of the ' +
        'nodes are gone.',
    }),
  ]
}
