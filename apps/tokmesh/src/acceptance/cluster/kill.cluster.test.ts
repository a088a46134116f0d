import { runtime, until } from '@honoscope/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pause } from '../support.ts'
import { type Kept, spreadOver, useOverAndOver } from './client.ts'
import { each } from './load.ts'
import { type ClusterNode, startCluster, type TestCluster, untilMembers } from './nodes.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startCluster({ environment: { TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '1s' } })
})
afterAll(() => cluster?.stop())

const say = (text: string) => void process.stdout.write(`${runtime}: ${text}\n`)

const statuses = (node: ClusterNode) =>
  Promise.all(['active', 'draining', 'down'].map((status) => node.metric('tokmesh_cluster_nodes_total', { status })))

/** Milliseconds until each of the nodes shows these numbers of active, draining and down ones. */
async function untilShown(nodes: readonly ClusterNode[], numbers: readonly number[], limitMs: number): Promise<number> {
  const startedAt = performance.now()
  const shown = async () => (await Promise.all(nodes.map(statuses))).every((found) => `${found}` === `${numbers}`)
  await until(shown, limitMs)
  return Math.round(performance.now() - startedAt)
}

/** What the nodes show, added up. */
async function sumOf(nodes: readonly ClusterNode[], name: string): Promise<number> {
  const values = await Promise.all(nodes.map((node) => node.metric(name)))
  return values.reduce((total, value) => total + value, 0)
}

async function counted(): Promise<{ readonly kept: number; readonly active: number }> {
  const [row] = await cluster.sql<{ kept: number; active: number }[]>`
    select count(*) filter (where not is_deleted)::int as kept,
      count(*) filter (where revoked_at = 0 and expires_at > extract(epoch from now()) * 1000)::int as active
    from sessions`
  return row ?? { kept: -1, active: -1 }
}

/** A86: what the nodes count comes to what there is, with nobody writing. */
async function expectCounts(nodes: readonly ClusterNode[]): Promise<void> {
  // What is shown is at most a second old.
  await pause(1100)
  const shown = async () => ({
    kept: await sumOf(nodes, 'tokmesh_shard_keys_count'),
    active: await sumOf(nodes, 'tokmesh_sessions_active_total'),
  })
  expect(await shown()).toEqual(await counted())
}

/** Every acknowledged session is there, and every acknowledged revoke. */
async function expectNothingLost(nodes: readonly ClusterNode[], kept: readonly Kept[]): Promise<void> {
  const wrong: string[] = []
  for (const { ask } of nodes)
    await each(kept, 16, async ({ token, revoke }) => {
      const { code } = await ask('POST', '/tokens/validate', { key: cluster.issuer, body: { token } })
      const isRight = revoke === 'none' ? code === 'OK' : revoke === 'acknowledged' ? code === 'TM-TOKN-4012' : true
      if (!isRight) wrong.push(`${revoke}: ${code}`)
    })
  expect(wrong).toEqual([])
}

describe('one of three nodes ends', () => {
  it('A68: in order: draining while it stops, down when it has ended, and active when it is back', async () => {
    const [third, ...others] = [...cluster.nodes].reverse()
    if (!third) throw new Error('no node')
    expect(await statuses(third)).toEqual([3, 0, 0])
    const ended = third.kill('SIGTERM')
    await untilShown(others, [2, 1, 0], 2000)
    expect(await ended).toBe(0)
    // Nobody waits for the 5 s of a heartbeat that stopped.
    const tookMs = await untilShown(others, [2, 0, 1], 2500)
    say(`an orderly end is known ${tookMs} ms after the process has ended`)
    const { data } = (await others[0]?.ask('GET', '/admin/v1/status/summary', { key: cluster.admin })) ?? {}
    // It left in order and is no member: two are, which is an even number.
    expect(data).toMatchObject({ cluster_state: 'degraded', cluster_state_reasons: ['Even nodes: 2'] })
    await third.start()
    await untilShown(cluster.nodes, [3, 0, 0], 5000)
  }, 60_000)

  it('A68, A86: kill -9 under load: others go on, know it within 6 s, sweep its shards, and nothing is lost', async () => {
    const [first, second, third] = cluster.nodes
    if (!first || !second || !third) throw new Error('no node')
    const others = [first, second]
    const short = 300
    await each(Array.from({ length: short }), 16, async () => {
      const body = { user_id: `short-${Math.random()}`, ttl_seconds: 9 }
      expect((await first.ask('POST', '/sessions', { key: cluster.issuer, body })).status).toBe(201)
    })
    await expectCounts(cluster.nodes)
    // The one that is going to die has a part of them.
    expect(await third.metric('tokmesh_shard_keys_count')).toBeGreaterThan(short / 6)

    const client = spreadOver(cluster.nodes)
    const load = useOverAndOver(client, cluster.issuer, 200)
    await pause(2000)
    const before = load.kept.length
    await third.kill('SIGKILL')
    const killedAt = performance.now()
    const tookMs = await untilShown(others, [2, 0, 1], 6000)
    await pause(Math.max(0, 8000 - (performance.now() - killedAt)))
    await load.stop()
    say(
      `kill -9: known to the others after ${tookMs} ms; ${client.answers.length} requests, ` +
        `${client.retried.length} of them tried again elsewhere, ${load.failed.length} failed`,
    )
    expect(before).toBeGreaterThan(10)
    expect(load.failed).toEqual([])
    // The others have not failed once.
    expect(
      client.answers.filter(({ node, status }) => node !== third.index && (status === 0 || status >= 500)),
    ).toEqual([])
    expect(client.retried.length).toBeGreaterThan(0)

    const unswept = async () => {
      const [row] = await cluster.sql<{ n: number }[]>`
        select count(*)::int as n from sessions where user_id like 'short-%' and not is_deleted`
      return row?.n
    }
    await until(async () => (await unswept()) === 0, 10_000)
    await expectCounts(others)
    expect((await counted()).active).toBeGreaterThan(30)
    await expectNothingLost(others, load.kept)

    await third.start()
    await untilMembers(cluster.nodes, 3, 5000)
    await expectCounts(cluster.nodes)
    await expectNothingLost([third], load.kept)
  }, 120_000)
})
