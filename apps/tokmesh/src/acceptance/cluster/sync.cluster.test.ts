import { until } from '@honoscope/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pause } from '../support.ts'
import { type ClusterNode, startCluster, type TestCluster, untilMembers } from './nodes.ts'

const timeoutMs = 3000

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startCluster({ environment: { TOKMESH_CLUSTER_REVOKE_SYNC_TIMEOUT: `${timeoutMs}ms` } })
})
afterAll(() => cluster?.stop())

const nodeAt = (index: number): ClusterNode => {
  const node = cluster.nodes[index]
  if (!node) throw new Error(`there is no node ${index}`)
  return node
}

/** A session that every node has in its memory. */
async function known(): Promise<{ readonly id: string; readonly token: string }> {
  const body = { user_id: `${Math.random()}` }
  const { data } = await nodeAt(0).ask('POST', '/sessions', { key: cluster.issuer, body })
  const session = { id: data.session_id, token: data.token }
  for (const node of cluster.nodes) expect((await validate(node, session.token)).code).toBe('OK')
  return session
}

const validate = ({ ask }: ClusterNode, token: string) =>
  ask('POST', '/tokens/validate', { key: cluster.issuer, body: { token } })

async function revokeSync(id: string): Promise<{ status: number; code: string; details: unknown; tookMs: number }> {
  const options = { key: cluster.issuer, body: { sync: true } }
  const { status, code, details, sentAt, receivedAt } = await nodeAt(0).ask('POST', `/sessions/${id}/revoke`, options)
  return { status, code, details, tookMs: receivedAt - sentAt }
}

/** Does `work` while these stand still, and waits afterwards until all is as before. */
async function whileFrozen<T>(nodes: readonly ClusterNode[], work: () => Promise<T>): Promise<T> {
  for (const node of nodes) node.freeze()
  try {
    return await work()
  } finally {
    for (const node of nodes) node.thaw()
    await untilMembers(cluster.nodes, 3)
    await until(async () => (await revokeSync((await known()).id)).status === 200)
  }
}

describe('a revoke with sync=true at one of three nodes', () => {
  it('answers when all are well, and the session is unusable on a majority', async () => {
    for (let round = 0; round < 10; round++) {
      const { id, token } = await known()
      expect(await revokeSync(id)).toMatchObject({ status: 200, code: 'OK' })
      const codes = await Promise.all(cluster.nodes.map(async (node) => (await validate(node, token)).code))
      expect(codes.filter((code) => code === 'TM-TOKN-4012').length).toBeGreaterThanOrEqual(2)
      expect(codes[0]).toBe('TM-TOKN-4012')
    }
  })

  it('A24: answers with one peer frozen, as the other confirms', async () => {
    const { id, token } = await known()
    await whileFrozen([nodeAt(2)], async () => {
      expect(await revokeSync(id)).toMatchObject({ status: 200, code: 'OK' })
      for (const index of [0, 1]) expect((await validate(nodeAt(index), token)).code).toBe('TM-TOKN-4012')
    })
  })

  it('A24: answers only once a majority has confirmed: with both peers frozen, when one of them goes on', async () => {
    const { id, token } = await known()
    await whileFrozen([nodeAt(1), nodeAt(2)], async () => {
      const answer = revokeSync(id)
      await pause(1500)
      nodeAt(1).thaw()
      const { status, tookMs } = await answer
      expect(status).toBe(200)
      expect(tookMs).toBeGreaterThan(1400)
      expect(tookMs).toBeLessThan(timeoutMs)
      expect((await validate(nodeAt(1), token)).code).toBe('TM-TOKN-4012')
    })
  })

  it('A85: with both peers frozen fails after the time for it, and at once when quorum is lost; the session is revoked', async () => {
    const [one, other] = [await known(), await known()]
    const refused = { status: 503, code: 'TM-SYS-5030', details: { committed: true, confirmed: 1, required: 2 } }
    await whileFrozen([nodeAt(1), nodeAt(2)], async () => {
      const answer = await revokeSync(one.id)
      expect(answer).toMatchObject(refused)
      expect(answer.tookMs).toBeGreaterThan(timeoutMs - 200)
      expect(answer.tookMs).toBeLessThan(timeoutMs + 700)
      expect((await validate(nodeAt(0), one.token)).code).toBe('TM-TOKN-4012')

      await until(async () => (await nodeAt(0).metric('tokmesh_cluster_quorum_lost')) === 1, 6000)
      const again = await revokeSync(other.id)
      expect(again).toMatchObject(refused)
      expect(again.tookMs).toBeLessThan(1000)
      expect((await validate(nodeAt(0), other.token)).code).toBe('TM-TOKN-4012')
      // Without sync nothing is asked of the others, and a node without quorum is ready.
      const plain = await nodeAt(0).ask('POST', `/sessions/${other.id}/revoke`, { key: cluster.issuer })
      expect(plain.status).toBe(200)
      expect((await nodeAt(0).ask('GET', '/ready')).status).toBe(200)
    })
    expect(await nodeAt(0).metric('tokmesh_cluster_quorum_lost')).toBe(0)
    // The revokes were committed: who was frozen refuses too, and a retry is confirmed.
    for (const { id, token } of [one, other]) {
      for (const node of cluster.nodes) expect((await validate(node, token)).code).toBe('TM-TOKN-4012')
      expect((await revokeSync(id)).status).toBe(200)
    }
  }, 60_000)
})
