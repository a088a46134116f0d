import { runtime, until } from '@honoscope/testing'
import { type PostgresServer, startPostgres } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pause } from '../support.ts'
import type { Answered } from './ask.ts'
import { each, knownSessions } from './load.ts'
import { type ClusterNode, startCluster, type TestCluster, untilMembers } from './nodes.ts'
import { underLoad } from './revoking.ts'

/** The two seconds of the contract, and what a busy machine adds. */
const quicklyMs = 2600

let server: PostgresServer
let cluster: TestCluster
beforeAll(async () => {
  server = await startPostgres()
  cluster = await startCluster({ databaseUrl: server.url })
})
afterAll(async () => {
  await cluster?.stop()
  await server?.stop()
})

/** Asks something of every node ten times a second, and keeps the answers. */
function watch(path: string): { readonly answers: readonly Answered[]; stop(): Promise<void> } {
  const answers: Answered[] = []
  let stopped = false
  const look = async ({ ask }: ClusterNode) => {
    while (!stopped) {
      answers.push(await ask('GET', path))
      await pause(100)
    }
  }
  const running = cluster.nodes.map(look)
  return {
    answers,
    async stop() {
      stopped = true
      await Promise.all(running)
    },
  }
}

const took = ({ sentAt, receivedAt }: Answered) => receivedAt - sentAt

const outages: readonly (readonly [string, () => Promise<void>])[] = [
  ['shut down', () => server.pause()],
  ['killed', () => server.kill()],
]

describe.each(outages)('A84: PostgreSQL is %s under load, and comes back', (how, end) => {
  it('alive all the time, not ready while it is away, quick refusals, no stale acceptance, and all by itself again', async () => {
    const { nodes, issuer: key } = cluster
    const sessions = await knownSessions(nodes, key, 200)
    const [health, ready] = [watch('/health'), watch('/ready')]
    const writes: Answered[] = []
    let [endedAt, backAt, recoveredMs] = [0, 0, 0]
    const outcome = await underLoad({
      ...{ cluster, sessions, rate: 60 },
      during: async ({ revoke }) => {
        const revokeAll = (some: typeof sessions) =>
          each(some, 4, async (session) => {
            await until(async () => (await revoke(session, nodes[0] ?? never())).status === 200)
          })
        const user = async ({ ask }: ClusterNode) => {
          for (let number = 0; backAt === 0; number++) {
            writes.push(await ask('POST', '/sessions', { key, body: { user_id: `${how}-${number}` } }))
            await pause(50)
          }
        }
        // Acknowledged, and told to the others in the very last moment or not at all.
        await revokeAll(sessions.slice(0, 50))
        const writing = nodes.map(user)
        await until(() => writes.some(({ status }) => status === 201))
        endedAt = Date.now()
        await end()
        await pause(5000)
        await server.resume()
        backAt = Date.now()
        // While some are back and others are not.
        await revokeAll(sessions.slice(50, 100))
        await until(async () =>
          (await Promise.all(nodes.map(({ ask }) => ask('GET', '/ready')))).every(({ status }) => status === 200),
        )
        recoveredMs = Date.now() - backAt
        await Promise.all(writing)
      },
    })
    await Promise.all([health.stop(), ready.stop()])
    process.stdout.write(
      `${runtime}: PostgreSQL ${how}: ready everywhere ${recoveredMs} ms after it was back; ${outcome.text}\n`,
    )

    expect(new Set(health.answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(Math.max(...health.answers.map(took))).toBeLessThan(1000)
    for (const { index } of nodes) {
      const refused = ready.answers.filter(({ node, status }) => node === index && status === 503)
      expect(refused.length).toBeGreaterThan(1)
      expect((refused[0]?.receivedAt ?? 0) - endedAt).toBeLessThan(quicklyMs)
    }
    for (const answers of [ready.answers, writes, outcome.unavailable])
      expect(Math.max(...answers.map(took))).toBeLessThan(quicklyMs)
    expect(outcome.unanswered).toEqual([])
    expect(outcome.delivered).toEqual([])
    expect(outcome.unavailable.length).toBeGreaterThan(10)
    const codes = new Set(writes.map(({ status, code }) => `${status} ${code}`))
    expect([...codes].sort()).toEqual(['201 OK', '503 TM-SYS-5030'])
    expect(recoveredMs).toBeLessThan(10_000)
    await expectPools(nodes, key)
  }, 120_000)
})

/** As many statements at once as each pool has connections, and more. */
async function expectPools(nodes: readonly ClusterNode[], key: string): Promise<void> {
  await untilMembers(nodes, 3)
  const answers = await Promise.all(
    nodes.flatMap(({ ask }) =>
      Array.from({ length: 30 }, () => ask('POST', '/sessions', { key, body: { user_id: `${Math.random()}` } })),
    ),
  )
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
}

function never(): never {
  throw new Error('there is no node')
}
