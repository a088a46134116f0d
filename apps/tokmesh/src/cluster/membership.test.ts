import { until } from '@honoscope/testing'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type DatabaseUnderTest, openTestDatabase } from '../testing/databases.ts'
import { createMember, type Member, type MemberOptions, startMember } from '../testing/members.ts'

let under: DatabaseUnderTest
const members: Member[] = []

beforeAll(async () => {
  under = await openTestDatabase('postgres')
}, 60_000)
afterAll(() => under.close())
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.stop()))
  await run('delete from cluster_nodes')
})

const run = (statement: string) => under.database.run((db) => db.execute(sql.raw(statement)))
const keep = <T extends Member>(member: T): T => {
  members.push(member)
  return member
}
const start = async (name: string, options: Partial<MemberOptions> = {}) =>
  keep(await startMember({ url: under.url ?? '', nodeId: `tmnd-${name}`, ...options }))
const startThree = async () => {
  const three = [await start('a'), await start('b'), await start('c')] as const
  for (const each of three) await until(() => each.sees() === 'a active, b active, c active')
  return three
}
const secondsUntil = async (holds: () => boolean | Promise<boolean>) => {
  const startedAt = performance.now()
  await until(holds)
  return (performance.now() - startedAt) / 1000
}
const never = new AbortController().signal

describe('the members of a cluster', () => {
  it('A67 is ready once it has joined; others see it, and hear its heartbeats', async () => {
    const a = await start('a', { sessionsCount: () => 41 })
    const b = keep(await createMember({ url: under.url ?? '', nodeId: 'tmnd-b' }))
    expect(b.cluster.fault()).toBe('initializing')
    expect(b.cluster.shards()).toEqual([])
    await b.cluster.join(never)
    expect(b.cluster.fault()).toBeUndefined()
    expect(await secondsUntil(() => a.sees() === 'a active, b active')).toBeLessThan(0.9)
    await until(() => a.lags.length > 1 && b.lags.length > 1)
    expect(Math.max(...a.lags, ...b.lags)).toBeLessThan(1)
    await until(() => b.cluster.state().nodes[0]?.sessionsCount === 41)
    expect(a.lines).toContain('info node joined tmnd-b')
  }, 30_000)

  it('A68 sees a killed node down within 6 s and one that leaves at once; shards go to the others', async () => {
    const [a, b, c] = await startThree()
    const owned = () => [a, b, c].map((each) => each.cluster.shards() ?? [])
    await until(() => new Set(owned().flat()).size === 1024 && owned().flat().length === 1024)
    await c.kill()
    expect(await secondsUntil(() => a.sees() === 'a active, b active, c down')).toBeLessThan(6)
    await until(() => b.sees() === 'a active, b active, c down')
    expect(a.cluster.state()).toMatchObject({ state: 'degraded', members: 3, reasons: ['Node down: tmnd-c'] })
    await until(() => a.lines.includes('warn node down tmnd-c'))
    expect([...(a.cluster.shards() ?? []), ...(b.cluster.shards() ?? [])]).toHaveLength(1024)

    await b.cluster.drain()
    expect(b.cluster.shards()).toEqual([])
    expect(await secondsUntil(() => a.sees() === 'a active, b draining, c down')).toBeLessThan(0.9)
    await b.cluster.leave()
    expect(await secondsUntil(() => a.sees() === 'a active, b down, c down')).toBeLessThan(0.9)
    await until(() => a.lines.includes('info node is leaving tmnd-b') && a.lines.includes('info node left tmnd-b'))
    // It took its part of the quorum along; the killed one did not.
    expect(a.cluster.state()).toMatchObject({ state: 'quorum_lost', members: 2, activeMembers: 1 })
    await until(() => a.lines.includes('error quorum lost'))
  }, 40_000)

  it('knows no other node, and owns nothing, once it has not reached the database for 5 s; and comes back', async () => {
    const [a, b, c] = await startThree()
    a.proxy.freeze()
    expect(await secondsUntil(() => a.sees() === 'a active, b down, c down')).toBeGreaterThan(3)
    expect(a.cluster.state().isQuorumLost).toBe(true)
    await until(() => a.cluster.fault() !== undefined && a.cluster.shards()?.length === 0)
    await until(() => b.sees() === 'a down, b active, c active')
    expect(b.cluster.state().isQuorumLost).toBe(false)
    expect((await a.cluster.nodes()).map(({ status }) => status)).toEqual(['down', 'active', 'active'])
    await until(() => a.lines.includes('error quorum lost'))
    a.proxy.thaw()
    for (const each of [a, b, c]) await until(() => each.sees() === 'a active, b active, c active')
    await until(() => a.cluster.fault() === undefined)
    await until(() => a.lines.includes('info quorum regained'))
  }, 60_000)

  it('warns once of an even number of nodes, which clears by itself', async () => {
    const a = await start('a')
    const b = await start('b')
    await until(() => a.lines.includes('warn even number of nodes'))
    await until(() => a.lags.length > 2)
    expect(a.cluster.state()).toMatchObject({ state: 'degraded', reasons: ['Even nodes: 2'], isQuorumLost: false })
    await b.cluster.leave()
    await until(() => a.lines.includes('info odd number of nodes again'))
    expect(a.lines.filter((line) => line.includes('even number'))).toHaveLength(1)
    expect(a.cluster.state()).toMatchObject({ state: 'healthy', reasons: [] })
  }, 30_000)

  it('refuses an id that a living node has, and takes that of a killed one when it is down', async () => {
    const a = await start('a')
    const second = keep(await createMember({ url: under.url ?? '', nodeId: 'tmnd-a' }))
    await expect(second.cluster.join(never)).rejects.toMatchObject({ code: 'TM-CLST-4090' })
    expect(a.cluster.fault()).toBeUndefined()
    await a.kill()
    const restarted = start('a')
    expect(await secondsUntil(() => restarted.then(() => true))).toBeGreaterThan(2)
    expect((await restarted).cluster.fault()).toBeUndefined()
  }, 40_000)

  it('takes the id of a node that has left at once', async () => {
    const a = await start('a')
    await a.stop()
    expect(await secondsUntil(() => start('a').then(() => true))).toBeLessThan(2)
  }, 30_000)

  it('says so when another process has taken its row, and takes it back when that one has gone', async () => {
    const a = await start('a')
    const b = await start('b')
    await run(`update cluster_nodes set instance = 'another', heartbeat_at = now() where node_id = 'tmnd-a'`)
    await until(() => a.cluster.fault() === 'another process has the id of this node')
    expect(a.lines).toContain('error another process has the id of this node tmnd-a')
    expect(a.cluster.shards()).toEqual([])
    await until(() => b.sees() === 'a down, b active')
    await until(() => a.cluster.fault() === undefined && b.sees() === 'a active, b active')
  }, 40_000)

  it('joins again when its row was removed; the leader removes whom nobody has heard of for a day', async () => {
    const a = await start('a')
    const insert = (name: string, age: string) => `insert into cluster_nodes values
      ('tmnd-${name}', 'x', 'x:1', '1', 'active', 1, now() - interval '${age}', now() - interval '${age}', 0)`
    await run(insert('old', '24 hours 1 minute'))
    await run(insert('young', '23 hours'))
    // A new leader begins with it.
    const b = await start('b')
    await a.kill()
    await until(() => b.cluster.isLeader() && !b.sees().includes('old'))
    expect(b.sees()).toContain('young down')
    expect(b.lines).toContain('info node removed tmnd-old')
    await run(`delete from cluster_nodes where node_id = 'tmnd-b'`)
    await until(() => b.lines.includes('info node joined again tmnd-b'))
    expect(b.cluster.fault()).toBeUndefined()
  }, 40_000)

  it('does not care what the clock of a node shows', async () => {
    const a = await start('a')
    const { now } = Date
    try {
      Date.now = () => now() + 3_600_000
      const b = await start('b')
      await until(() => a.lags.length > 2 && b.lags.length > 2)
      expect([a.sees(), b.sees()]).toEqual(['a active, b active', 'a active, b active'])
      expect(Math.max(...a.lags, ...b.lags)).toBeLessThan(5)
      for (const { lastHeartbeat } of await b.cluster.nodes()) expect(lastHeartbeat).toBeLessThan(now() + 60_000)
    } finally {
      Date.now = now
    }
  }, 30_000)
})

describe('the leader', () => {
  it('is one, named by all, and another one within seconds when it leaves or is killed', async () => {
    const [a, b, c] = await startThree()
    await until(() => a.cluster.isLeader())
    expect([b, c].map((each) => each.cluster.isLeader())).toEqual([false, false])
    for (const each of [a, b, c]) {
      const leaders = (await each.cluster.nodes()).flatMap((node) => (node.isLeader ? [node.nodeId] : []))
      expect(leaders).toEqual(['tmnd-a'])
    }
    await a.cluster.drain()
    expect(a.cluster.isLeader()).toBe(false)
    expect(await secondsUntil(() => b.cluster.isLeader() !== c.cluster.isLeader())).toBeLessThan(2)
    const [second, third] = b.cluster.isLeader() ? [b, c] : [c, b]
    await second.kill()
    expect(await secondsUntil(() => third.cluster.isLeader())).toBeLessThan(2)
    expect(third.lines).toContain(`info node leads ${third.cluster.nodeId}`)
  }, 40_000)

  it('is followed by another one within some 6 s when it is frozen', async () => {
    const [a, b, c] = await startThree()
    await until(() => a.cluster.isLeader())
    a.proxy.freeze()
    expect(await secondsUntil(() => b.cluster.isLeader() || c.cluster.isLeader())).toBeLessThan(7)
    await until(() => !a.cluster.isLeader())
    a.proxy.thaw()
    await until(() => a.cluster.fault() === undefined)
    expect([a, b, c].filter((each) => each.cluster.isLeader())).toHaveLength(1)
  }, 40_000)
})
