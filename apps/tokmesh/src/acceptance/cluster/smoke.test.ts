import { until } from '@honoscope/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey } from '../support.ts'
import { startCluster, type TestCluster } from './nodes.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster?.stop())

describe('three nodes on one database', () => {
  it('say the same of themselves, with one leader and all shards among them', async () => {
    const lists = await Promise.all(
      cluster.nodes.map(({ ask }) => ask('GET', '/admin/v1/cluster/nodes', { key: adminKey })),
    )
    for (const { status, data } of lists) {
      expect(status).toBe(200)
      expect(data).toMatchObject({ cluster_id: lists[0]?.data.cluster_id, leader_id: lists[0]?.data.leader_id })
      const found = [...data.nodes].sort((one, other) => one.node_id.localeCompare(other.node_id))
      expect(found).toMatchObject(
        cluster.nodes.map(({ nodeId, url }) => ({ node_id: nodeId, address: new URL(url).host, status: 'active' })),
      )
      expect(found.filter(({ role }) => role === 'leader')).toMatchObject([{ node_id: data.leader_id }])
      for (const { metrics } of found) expect(metrics.vnodes).toBe(256)
    }
  })

  it('show it in their metrics and in the summary', async () => {
    for (const node of cluster.nodes) {
      const nodes = (status: string) => node.metric('tokmesh_cluster_nodes_total', { status })
      expect(await Promise.all(['active', 'draining', 'down'].map(nodes))).toEqual([3, 0, 0])
      expect(await node.metric('tokmesh_cluster_nodes_parity')).toBe(0)
      expect(await node.metric('tokmesh_cluster_quorum_lost')).toBe(0)
      const { status, data } = await node.ask('GET', '/admin/v1/status/summary', { key: adminKey })
      expect(status).toBe(200)
      expect(data).toMatchObject({ cluster_state: 'healthy' })
    }
  })

  it('take each other’s sessions, and none that one of them has revoked', async () => {
    const { nodes, issuer: key } = cluster
    for (const [index, { ask }] of nodes.entries()) {
      const { data } = await ask('POST', '/sessions', { key, body: { user_id: 'ada' } })
      const validate = () =>
        Promise.all(nodes.map((node) => node.ask('POST', '/tokens/validate', { key, body: { token: data.token } })))
      expect((await validate()).map(({ code }) => code)).toEqual(['OK', 'OK', 'OK'])
      const other = nodes[(index + 1) % nodes.length]
      const revoked = await other?.ask('POST', `/sessions/${data.session_id}/revoke`, { key, body: { sync: true } })
      expect(revoked?.status).toBe(200)
      // A majority has confirmed, and that includes the node that was asked.
      const answers = await validate()
      expect(answers[other?.index ?? 0]?.code).toBe('TM-TOKN-4012')
      expect(answers.filter(({ code }) => code === 'TM-TOKN-4012').length).toBeGreaterThanOrEqual(2)
    }
  })

  it('A75: a key that one of them disables is refused by all within 2 s, and taken again when it is enabled', async () => {
    const [first, ...others] = cluster.nodes
    if (!first) throw new Error('there are no nodes')
    const admin = { key: adminKey }
    const { data } = await first.ask('POST', '/admin/v1/keys', { ...admin, body: { role: 'issuer' } })
    const key = `${data.key_id}:${data.key_secret}`
    const use = (node: (typeof others)[number]) => node.ask('GET', '/sessions?user_id=ada', { key })
    const codes = () => Promise.all(cluster.nodes.map(async (node) => (await use(node)).code))
    expect(await codes()).toEqual(['OK', 'OK', 'OK'])
    const set = (status: string) =>
      first.ask('POST', `/admin/v1/keys/${data.key_id}/status`, { ...admin, body: { status } })
    for (const [status, code] of [
      ['disabled', 'TM-AUTH-4012'],
      ['active', 'OK'],
    ] as const) {
      expect((await set(status)).status).toBe(200)
      expect((await use(first)).code).toBe(code)
      await until(async () => (await codes()).every((each) => each === code), 2_000)
    }
  })
})
