import { createMetrics } from '@honoscope/metrics'
import { samplesOf } from '@honoscope/testing'
import { expect, it } from 'vitest'
import type { Cluster } from '../cluster/cluster.ts'
import { singleNode } from '../cluster/single.ts'
import { nodesOf, stateOf } from '../cluster/state.ts'
import { clusterMetrics } from './cluster.ts'

const single = singleNode({ nodeId: 'tmnd-a', address: 'a:1' })

/** A cluster with nodes of these statuses, heard of so long ago. */
function clusterOf(...rows: readonly (readonly ['active' | 'draining' | 'left', number])[]): Cluster {
  const nodes = nodesOf(
    rows.map(([status, ageMs], i) => ({
      ...{ nodeId: `tmnd-${i}`, instance: '', address: '', version: '', status, ageMs },
      ...{ lastHeartbeat: 0, uptimeSeconds: 0, sessionsCount: 0, isLeader: false },
    })),
  )
  return { ...single, state: () => stateOf(nodes) }
}

async function expose(cluster: Cluster | undefined) {
  const metrics = createMetrics({ prefix: 'tokmesh_' })
  const { watch, hooks } = clusterMetrics(metrics)
  if (cluster) watch(cluster)
  hooks.onHeartbeat(0.02)
  const samples = samplesOf(await metrics.render())
  const value = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    samples.find(
      (sample) =>
        sample.name === `tokmesh_${name}` && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
    )?.value
  const nodes = ['active', 'draining', 'down'].map((status) => value('cluster_nodes_total', { status }))
  expect(value('gossip_propagation_lag_seconds_bucket', { le: '0.01' })).toBe(0)
  expect(value('gossip_propagation_lag_seconds_bucket', { le: '0.05' })).toBe(1)
  return [nodes, value('cluster_nodes_parity'), value('cluster_quorum_lost')]
}

it.each([
  ['a service that has not started', undefined, [[0, 0, 0], 0, 0]],
  ['a single node', single, [[1, 0, 0], 0, 0]],
  ['one node of a cluster that leaves', clusterOf(['draining', 0]), [[0, 1, 0], 0, 0]],
  ['three nodes', clusterOf(['active', 0], ['active', 0], ['active', 0]), [[3, 0, 0], 0, 0]],
  ['two of three', clusterOf(['active', 0], ['active', 0], ['active', 9_000]), [[2, 0, 1], 0, 0]],
  ['two nodes, a third of which has left', clusterOf(['active', 0], ['active', 0], ['left', 0]), [[2, 0, 1], 1, 0]],
  ['one of three', clusterOf(['active', 0], ['active', 9_000], ['active', 9_000]), [[1, 0, 2], 0, 1]],
])('A68 the metrics show %s', async (_, cluster, expected) => {
  expect(await expose(cluster)).toEqual(expected)
})
