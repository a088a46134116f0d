import { until } from '@honoscope/testing'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSessions } from '../domain/sessions.ts'
import { createSessionStore } from '../store/sessions.ts'
import { type DatabaseUnderTest, openTestDatabase } from '../testing/databases.ts'
import { type Member, type MemberOptions, startMember } from '../testing/members.ts'
import type { Subscription } from './subscription.ts'

let under: DatabaseUnderTest
const members: Member[] = []

beforeAll(async () => {
  under = await openTestDatabase('postgres')
}, 60_000)
afterAll(() => under.close())
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.stop()))
  await under.database.run((db) => db.execute(sql`delete from cluster_nodes`))
})

const start = async (name: string, options: Partial<MemberOptions> = {}) => {
  const member = await startMember({ url: under.url ?? '', nodeId: `tmnd-${name}`, ...options })
  members.push(member)
  return member
}
const seeAll = async (each: readonly Member[]) => {
  for (const member of each) await until(() => member.cluster.state().activeMembers === each.length)
}
const sessionsOf = ({ cluster, database }: Member) =>
  createSessions({
    store: createSessionStore(database),
    limits: { ttlDefault: 600, ttlMax: 600, maxPerUser: 50, tombstoneTtlMs: 60_000 },
    confirm: cluster.confirm,
  })
const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: '' }

/** A node that applies every change so much later. */
const slowBy =
  (ms: () => number) =>
  (subscription: Subscription): Subscription => ({
    ...subscription,
    async reached(seq, limitMs) {
      const has = await subscription.reached(seq, limitMs)
      await new Promise((resolve) => setTimeout(resolve, ms()))
      return has
    },
  })
const timed = async <T>(work: Promise<T>) => {
  const startedAt = performance.now()
  const outcome = await work.then(
    (value) => ({ value, error: undefined }),
    (error) => ({ value: undefined, error }),
  )
  return { ...outcome, ms: performance.now() - startedAt }
}

describe('a revoke with sync', () => {
  it('A24 succeeds when a majority has confirmed, and not before', async () => {
    let delayMs = 0
    const slow = { decorate: slowBy(() => delayMs) }
    const [a, b, c] = [await start('a'), await start('b', slow), await start('c', slow)]
    await seeAll([a, b, c])
    const sessions = sessionsOf(a)
    const revoke = async () => {
      const { session } = await sessions.create({ userId: 'ada' }, caller)
      return timed(sessions.revoke(session.id, { sync: true }))
    }
    const quick = await revoke()
    expect(quick.error).toBeUndefined()
    expect(quick.ms).toBeLessThan(500)
    delayMs = 1_200
    expect((await revoke()).ms).toBeGreaterThan(1_100)
    expect(await a.cluster.confirm()).toMatchObject({ required: 2 })
  }, 30_000)

  it('A24 needs one of two peers: a slow one holds nobody up', async () => {
    const three = [await start('a'), await start('b', { decorate: slowBy(() => 3_000) }), await start('c')]
    await seeAll(three)
    const { error, value, ms } = await timed(three[0]?.cluster.confirm() ?? Promise.reject())
    expect({ error, value }).toEqual({ error: undefined, value: { confirmed: 2, required: 2 } })
    expect(ms).toBeLessThan(500)
  }, 30_000)

  it('A85 fails no later than the timeout with too few confirmations, and the session is revoked', async () => {
    const silent = { decorate: slowBy(() => 2_500) }
    const a = await start('a', { confirmTimeoutMs: 1_000 })
    await seeAll([a, await start('b', silent), await start('c', silent)])
    const sessions = sessionsOf(a)
    const { session, token } = await sessions.create({ userId: 'ada' }, caller)
    const revokes = [sessions.revoke(session.id, { sync: true })]
    // Those that come while it waits have the same limit.
    await new Promise((resolve) => setTimeout(resolve, 50))
    revokes.push(sessions.revoke(session.id, { sync: true }))
    for (const { error, ms } of await Promise.all(revokes.map(timed))) {
      expect(error).toMatchObject({
        code: 'TM-SYS-5030',
        details: { committed: true, confirmed: 1, required: 2 },
      })
      expect(ms).toBeGreaterThan(900)
      expect(ms).toBeLessThan(1_200)
    }
    await expect(sessions.validate(token)).rejects.toMatchObject({ code: 'TM-TOKN-4012' })
  }, 30_000)

  it('fails at once when quorum is lost, and so does one that waits when it is lost', async () => {
    const a = await start('a', { confirmTimeoutMs: 20_000 })
    const [b, c] = [await start('b'), await start('c')]
    await seeAll([a, b, c])
    const sessions = sessionsOf(a)
    await sessions.create({ userId: 'bob' }, caller)
    await Promise.all([b.kill(), c.kill()])
    const waiting = await timed(sessions.revokeAllOf('bob', { sync: true }))
    const details = { committed: true, confirmed: 1, required: 2, revoked_count: 1 }
    expect(waiting.error).toMatchObject({ code: 'TM-SYS-5030', details })
    expect(waiting.ms).toBeLessThan(7_000)
    await until(() => a.cluster.state().isQuorumLost)
    const { error, ms } = await timed(a.cluster.confirm())
    expect(error).toMatchObject({ code: 'TM-SYS-5030', details: { confirmed: 1, required: 2 } })
    expect(ms).toBeLessThan(100)
  }, 30_000)

  it('is at once where there is one node', async () => {
    const a = await start('a')
    const { value, ms } = await timed(a.cluster.confirm())
    expect(value).toEqual({ confirmed: 1, required: 1 })
    expect(ms).toBeLessThan(50)
  }, 30_000)

  it('shares the questions of many, and listens to no stranger', async () => {
    let asked = 0
    const counting = (subscription: Subscription): Subscription => ({
      ...subscription,
      publish(kind, ...words) {
        if (kind === 'confirm') asked += 1
        return subscription.publish(kind, ...words)
      },
    })
    const three = [await start('a', { decorate: counting }), await start('b'), await start('c')]
    await seeAll(three)
    const [a, b] = three
    if (!a || !b) return
    const all = await Promise.all(Array.from({ length: 500 }, () => a.cluster.confirm()))
    expect(all).toHaveLength(500)
    expect(asked).toBeLessThan(20)
    for (const words of [[], ['x'], ['-1', 'y'], ['9'.repeat(40), '0'], ['1', 'z'.repeat(3_000)]])
      for (const kind of ['confirm', 'confirmed', 'members', 'heartbeat', 'else'])
        await b.subscription.publish(kind, ...words)
    expect(await a.cluster.confirm()).toMatchObject({ required: 2 })
  }, 30_000)

  it('waits again for a revoked session, and not for an unknown or expired one', async () => {
    let waits = 0
    let now = Date.now()
    const sessions = createSessions({
      store: createSessionStore(under.database),
      limits: { ttlDefault: 600, ttlMax: 600, maxPerUser: 50, tombstoneTtlMs: 60_000 },
      clock: () => now,
      confirm: async () => {
        waits += 1
      },
    })
    const { session } = await sessions.create({ userId: 'ada' }, caller)
    for (const expected of [1, 2]) {
      await sessions.revoke(session.id, { sync: true })
      expect(waits).toBe(expected)
    }
    await sessions.revoke(session.id)
    now += 601_000
    await sessions.revoke(session.id, { sync: true })
    await sessions.revoke('tmss-01hv3q4k7d0000000000000000', { sync: true })
    expect(waits).toBe(2)
  }, 30_000)
})
