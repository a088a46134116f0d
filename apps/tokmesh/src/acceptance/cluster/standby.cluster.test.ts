import { randomUUID } from 'node:crypto'
import { runtime, until } from '@honoscope/testing'
import { type PairedServer, type PostgresPair, pairMissing, startPostgresPair } from '@honoscope/testing/postgres-pair'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pause } from '../support.ts'
import type { Answered } from './ask.ts'
import { each, knownSessions } from './load.ts'
import { type ClusterNode, startCluster, type TestCluster, untilMembers } from './nodes.ts'
import { underLoad } from './revoking.ts'

/** The two seconds of the contract, and what a busy machine adds. */
const quicklyMs = 2_600

const why = pairMissing ? ` (skipped: ${pairMissing})` : ''

describe.skipIf(pairMissing)(`two nodes over a primary and its streaming standby${why}`, () => {
  let pair: PostgresPair
  let cluster: TestCluster
  beforeAll(async () => {
    pair = await startPostgresPair()
    const { first, second } = pair
    const environment = {
      DATABASE_URL: first.url.replace(`:${first.port}/`, `:${first.port},127.0.0.1:${second.port}/`),
      DATABASE_REPLICA_URLS: second.url,
    }
    cluster = await startCluster({ size: 2, databaseUrl: first.url, environment })
  })
  afterAll(async () => {
    await cluster?.stop()
    await pair?.remove()
  })

  const node = (index: number): ClusterNode => {
    const found = cluster.nodes[index]
    if (!found) throw new Error('there is no such node')
    return found
  }
  const create = (userId: string, at = node(0)): Promise<Answered> =>
    at.ask('POST', '/sessions', { key: cluster.issuer, body: { user_id: userId } })

  /** Creates a session at one node and looks for it at the other; the server that answered, by its log. */
  const findNew = async (): Promise<'first' | 'second'> => {
    const user = randomUUID()
    expect((await create(user)).status).toBe(201)
    const found = await node(1).ask('GET', `/sessions?user_id=${user}`, { key: cluster.issuer })
    expect({ status: found.status, total: found.data?.total_items }).toEqual({ status: 200, total: 1 })
    return pair.second.log().includes(`'${user}'`) && isSearchOf(pair.second, user) ? 'second' : 'first'
  }
  const lagLines = async (): Promise<readonly string[]> => {
    const answer = await fetch(`${node(0).url}/metrics`, { headers: { Authorization: `Bearer ${cluster.admin}` } })
    return (await answer.text()).split('\n').filter((line) => line.startsWith('tokmesh_replication_lag_seconds{'))
  }
  const lag = () => node(0).metric('tokmesh_replication_lag_seconds', { from_node: 'first', to_node: 'second' })

  it('the lag grows while replay is paused, and is gone after it', async () => {
    await until(async () => (await lagLines()).length === 1 && (await lag()) < 1)
    await onServer(pair.second, 'select pg_wal_replay_pause()')
    await create('paused')
    await until(async () => (await lag()) > 0)
    await pause(3_000)
    expect(await lag()).toBeGreaterThan(2)
    await onServer(pair.second, 'select pg_wal_replay_resume()')
    await until(async () => (await lag()) < 0.5)
  }, 60_000)

  it('searches are served by the standby that is caught up and else by the primary, and show what was just written', async () => {
    await pair.caughtUp()
    await until(async () => (await findNew()) === 'second')
    const served: string[] = []
    for (let i = 0; i < 30; i++) served.push(await findNew())
    process.stdout.write(
      `${runtime}: the standby served ${served.filter((by) => by === 'second').length} of 30 searches\n`,
    )
    expect(served).toContain('second')
    await onServer(pair.second, 'select pg_wal_replay_pause()')
    for (let i = 0; i < 10; i++) expect(await findNew()).toBe('first')
    await onServer(pair.second, 'select pg_wal_replay_resume()')
    await until(async () => (await findNew()) === 'second')
    const audit = await node(1).ask('GET', '/admin/v1/audit/logs?page=1&size=1', { key: cluster.admin })
    expect(audit.status).toBe(200)
  }, 60_000)

  it('searches go on while the standby is stopped, its series is gone, and both come back', async () => {
    await pair.second.stop()
    for (let i = 0; i < 10; i++) expect(await findNew()).toBe('first')
    await until(async () => (await lagLines()).length === 0)
    await pair.second.start()
    await until(async () => (await findNew()) === 'second')
    await until(async () => (await lagLines()).length === 1)
  }, 60_000)

  it('the promotion of the standby is followed by itself: quick refusals until then, no stale acceptance, no lost revoke', async () => {
    const { issuer: key, nodes } = cluster
    const sessions = await knownSessions(nodes, key, 120)
    const refusals: Answered[] = []
    const measured = { outageMs: 0, writtenMs: 0, readyMs: 0 }
    const outcome = await underLoad({
      ...{ cluster, sessions, rate: 60 },
      during: async ({ revoke, revokeOver }) => {
        await revokeOver(sessions.slice(0, 40), 1_000, nodes)
        // What a standby has not got when its primary dies is lost, which no node can help.
        await pair.caughtUp()
        await pair.first.stop('immediate')
        const stoppedAt = performance.now()
        for (const each of nodes) {
          await until(async () => (await each.ask('GET', '/ready')).status === 503, quicklyMs)
          refusals.push(await create('nobody', each), await each.ask('GET', '/ready'))
          expect((await each.ask('GET', '/health')).status).toBe(200)
        }
        await pause(3_000)
        await pair.second.promote()
        const promotedAt = performance.now()
        measured.outageMs = promotedAt - stoppedAt
        await Promise.all(
          nodes.map((each) => until(async () => (await create(randomUUID(), each)).status === 201, 20_000)),
        )
        measured.writtenMs = performance.now() - promotedAt
        await Promise.all(
          nodes.map((each) => until(async () => (await each.ask('GET', '/ready')).status === 200, 20_000)),
        )
        measured.readyMs = performance.now() - promotedAt
        await each(sessions.slice(40, 80), 4, async (session) => {
          await until(async () => (await revoke(session, node(0))).status === 200)
        })
      },
    })
    const { outageMs, writtenMs, readyMs } = measured
    process.stdout.write(
      `${runtime}: no primary for ${Math.round(outageMs)} ms; every node writes ${Math.round(writtenMs)} ms and is ready ${Math.round(readyMs)} ms after pg_ctl promote; ${outcome.text}\n`,
    )
    for (const { status, code, sentAt, receivedAt } of refusals) {
      expect({ status, code }).toEqual({ status: 503, code: 'TM-SYS-5030' })
      expect(receivedAt - sentAt).toBeLessThan(quicklyMs)
    }
    expect(outcome.unanswered).toEqual([])
    for (const { token } of sessions.slice(0, 80)) {
      const answer = await node(1).ask('POST', '/tokens/validate', { key, body: { token } })
      expect(answer.code).toBe('TM-TOKN-4012')
    }
    await untilMembers(nodes, 2)
    // There is no standby any more, and searches go on.
    const user = randomUUID()
    await create(user)
    const found = await node(1).ask('GET', `/sessions?user_id=${user}`, { key })
    expect(found.data.total_items).toBe(1)
  }, 120_000)

  it('the old primary that comes back is used by nobody, nor by a node that starts then', async () => {
    await pair.first.start()
    const before = await sessionsAt(pair.first)
    await node(0).kill('SIGTERM')
    await node(0).start()
    await untilMembers(cluster.nodes, 2)
    for (const each of cluster.nodes) expect((await create(randomUUID(), each)).status).toBe(201)
    expect(await sessionsAt(pair.first)).toBe(before)
  }, 60_000)
})

/** Whether the log has a statement of the service about this user. A standby replays what others write unlogged. */
function isSearchOf(server: PairedServer, user: string): boolean {
  const lines = server.log().split('\n')
  return lines.some((line) => line.includes('parameters:') && line.includes(user))
}

async function onServer(server: PairedServer, statement: string): Promise<postgres.RowList<postgres.Row[]>> {
  const client = postgres(server.url, { max: 1, onnotice: () => {} })
  try {
    return await client.unsafe(statement)
  } finally {
    await client.end({ timeout: 1 })
  }
}

async function sessionsAt(server: PairedServer): Promise<number> {
  const [row] = await onServer(server, 'select count(*)::int as n from sessions')
  return row?.n
}
