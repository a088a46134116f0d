import { until } from '@honoscope/testing'
import { type PostgresServer, startPostgres } from '@honoscope/testing/postgres'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { createMember, type Member, startMember } from '../testing/members.ts'

let server: PostgresServer
const members: Member[] = []
const keep = (member: Member) => {
  members.push(member)
  return member
}
const never = new AbortController().signal

beforeAll(async () => {
  server = await startPostgres()
  const database = await openDatabase({ url: server.url, dataDir: 'memory://' })
  await migrate(database)
  await database.close()
}, 60_000)
afterAll(() => server.stop())
afterEach(() => Promise.all(members.splice(0).map((member) => member.stop())))

it('joins when the database comes, and goes on after an outage; a cluster operation says what is the matter', async () => {
  await server.pause()
  const a = keep(await createMember({ url: server.url, nodeId: 'tmnd-a' }))
  const b = keep(await createMember({ url: server.url, nodeId: 'tmnd-b' }))
  const joined = Promise.all([a.cluster.join(never), b.cluster.join(never)])
  await expect(a.cluster.nodes()).rejects.toMatchObject({ code: 'TM-SYS-5030' })
  expect(a.cluster.fault()).toBe('initializing')
  await server.resume()
  await joined
  await until(() => a.sees() === 'a active, b active' && b.sees() === 'a active, b active')
  await until(() => a.cluster.isLeader() || b.cluster.isLeader())

  await server.pause()
  await until(() => !a.cluster.isLeader() && !b.cluster.isLeader())
  await until(() => a.cluster.fault() === 'no heartbeat gets through')
  // Its own last heartbeat and the other's were not at one moment.
  await until(() => a.sees() === 'a active, b down')
  const askedAt = performance.now()
  await expect(a.cluster.confirm()).rejects.toMatchObject({ details: { confirmed: 1, required: 2 } })
  expect(performance.now() - askedAt).toBeLessThan(1_000)
  await server.resume()
  await until(() => a.cluster.fault() === undefined && b.cluster.fault() === undefined)
  await until(() => a.sees() === 'a active, b active' && b.sees() === 'a active, b active')
  await until(() => a.cluster.isLeader() !== b.cluster.isLeader())
  expect(await a.cluster.confirm()).toEqual({ confirmed: 2, required: 2 })
  expect(a.lines.filter((line) => line.startsWith('warn the heartbeat failed'))).toHaveLength(1)
}, 90_000)

it('gives up to join when nobody waits for it any more', async () => {
  await server.pause()
  const a = keep(await createMember({ url: server.url, nodeId: 'tmnd-a' }))
  const stop = new AbortController()
  const joined = a.cluster.join(stop.signal)
  stop.abort()
  await expect(joined).rejects.toMatchObject({ code: 'TM-SYS-5030' })
  await server.resume()
}, 60_000)

it('answers TM-CLST-5030 without a usable node, and TM-CLST-5040 when the table can not be read in time', async () => {
  const a = keep(await createMember({ url: server.url, nodeId: 'tmnd-a' }))
  await a.database.run((db) => db.execute(sql`delete from cluster_nodes`))
  await expect(a.cluster.nodes()).rejects.toMatchObject({ code: 'TM-CLST-5030' })
  await a.cluster.join(never)
  expect(await a.cluster.nodes()).toMatchObject([{ nodeId: 'tmnd-a', status: 'active', address: 'tmnd-a.test:5080' }])
  const { database } = keep(await startMember({ url: server.url, nodeId: 'tmnd-b' }))
  await database.db.transaction(async (tx) => {
    await tx.execute(sql`lock table cluster_nodes`)
    await expect(a.cluster.nodes()).rejects.toMatchObject({ code: 'TM-CLST-5040' })
  })
}, 60_000)
