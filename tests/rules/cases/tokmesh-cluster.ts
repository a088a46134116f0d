import type { RuleCase } from '../case.ts'
import { rising } from './shared.ts'
import { node } from './tokmesh-series.ts'

const lag = (le: string) => `tokmesh_session_revoke_propagation_lag_seconds_bucket{${node('a')},le="${le}"}`
const cluster = { component: 'tokmesh-cluster' }

/** Cases of nodes and revokes. */
export const clusterCases: readonly RuleCase[] = [
  {
    alert: 'ClusterSplitBrain',
    firing: {
      series: {
        [`tokmesh_cluster_quorum_lost{${node('a')}}`]: '0x20',
        [`tokmesh_cluster_quorum_lost{${node('b')}}`]: '1x20',
      },
      labels: { severity: 'critical', ...cluster },
    },
    silent: [{ series: { [`tokmesh_cluster_quorum_lost{${node('a')}}`]: '0x20' } }],
  },
  {
    alert: 'CriticalSessionRevokePropagationLag',
    firing: {
      series: { [lag('5')]: rising(90), [lag('10')]: rising(100), [lag('+Inf')]: rising(100) },
      labels: { severity: 'critical', ...cluster },
      value: '9.5s',
    },
    silent: [{ series: { [lag('2')]: rising(50), [lag('5')]: rising(100), [lag('+Inf')]: rising(100) } }],
  },
  {
    alert: 'HighSessionRevokePropagationLag',
    firing: {
      series: { [lag('2')]: rising(90), [lag('5')]: rising(100), [lag('+Inf')]: rising(100) },
      labels: { severity: 'warning', ...cluster },
      value: '4.7s',
    },
    silent: [{ series: { [lag('1')]: rising(50), [lag('2')]: rising(100), [lag('+Inf')]: rising(100) } }],
  },
  {
    alert: 'DataSkew',
    firing: {
      series: {
        [`tokmesh_shard_keys_count{${node('a')},node_id="tmnd-a"}`]: '100x20',
        [`tokmesh_shard_keys_count{${node('b')},node_id="tmnd-b"}`]: '100x20',
        [`tokmesh_shard_keys_count{${node('c')},node_id="tmnd-c"}`]: '200x20',
      },
      labels: { severity: 'warning', ...cluster },
      value: '200',
    },
    silent: [
      {
        series: {
          [`tokmesh_shard_keys_count{${node('a')},node_id="tmnd-a"}`]: '100x20',
          [`tokmesh_shard_keys_count{${node('b')},node_id="tmnd-b"}`]: '100x20',
          [`tokmesh_shard_keys_count{${node('c')},node_id="tmnd-c"}`]: '150x20',
        },
      },
      { series: { [`tokmesh_shard_keys_count{${node('a')},node_id="tmnd-a"}`]: '5000x20' } },
    ],
  },
  {
    alert: 'EvenNodeCount',
    firing: {
      series: { [`tokmesh_cluster_nodes_parity{${node('a')}}`]: '1x20' },
      labels: { severity: 'warning', ...cluster },
    },
    silent: [{ series: { [`tokmesh_cluster_nodes_parity{${node('a')}}`]: '0x11 1x9' } }],
  },
]
