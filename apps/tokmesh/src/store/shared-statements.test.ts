import { until } from '@honoscope/testing'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSubscription } from '../cluster/subscriber.ts'
import type { SessionRecord } from '../domain/session.ts'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import { fillTime, insertMany } from '../testing/many-sessions.ts'
import { type Database, openDatabase } from './database.ts'
import { createSessionStore } from './sessions.ts'

const idOf = (n: number) => `tmss-${String(n).padStart(26, '0')}`
/** Ids of the first active sessions that `insertMany` makes; of ten, the eighth is revoked, the ninth expired. */
const active = (count: number): string[] => {
  const numbers = Array.from({ length: 2 * count }, (_, i) => i + 1)
  return numbers
    .filter((n) => n % 10 < 8)
    .map(idOf)
    .slice(0, count)
}

/** A store, and how many statements it has made. */
function counted(database: Database) {
  let statements = 0
  const store = createSessionStore({
    ...database,
    run(query, timeoutMs) {
      statements += 1
      return database.run(query, timeoutMs)
    },
  })
  return { store, statements: () => statements }
}

for (const kind of databaseKinds) {
  describe(`renewals and revokes that come together on ${kind}`, () => {
    let under: DatabaseUnderTest
    beforeAll(async () => {
      under = await openTestDatabase(kind)
    }, 60_000)
    afterAll(() => under.close())
    beforeEach(async () => {
      await under.empty()
      await insertMany(under.database, 1_000)
    })
    const stored = (id: string) => createSessionStore(under.database).find({ id })

    it('share statements, and each does what it would alone: 500 over 50 sessions', async () => {
      const { store, statements } = counted(under.database)
      const ids = active(50)
      const renewed = new Map<string, SessionRecord[]>(ids.map((id) => [id, []]))
      const revoked = new Map<string, (SessionRecord | undefined)[]>(ids.map((id) => [id, []]))
      const calls = Array.from({ length: 500 }, async (_, n) => {
        const id = ids[n % 50] ?? ''
        const now = fillTime + n
        // Each session has five of either; every other one is not revoked.
        if (Math.floor(n / 50) % 2 === 0 || n % 2 === 0) {
          const record = await store.renew(id, now, 60 + n)
          if (record) renewed.get(id)?.push(record)
          if (record) expect(record).toMatchObject({ id, ttl: 60 + n, expiresAt: now + (60 + n) * 1000 })
        } else revoked.get(id)?.push(await store.revoke(id, now))
      })
      await Promise.all(calls)
      // Those that find nothing to change have made one each, too.
      expect(statements()).toBeLessThan(300)
      for (const [at, id] of ids.entries()) {
        const end = await stored(id)
        const renewals = renewed.get(id) ?? []
        // Every renewal is a change of its own.
        expect(renewals.map(({ version }) => version)).toEqual(renewals.map((_, i) => i + 2))
        expect(end).toMatchObject({ version: 1 + renewals.length, ttl: renewals.at(-1)?.ttl ?? 7_200 })
        if (at % 2 === 0) expect(renewals).toHaveLength(10)
        else {
          const [first, ...others] = revoked.get(id) ?? []
          expect(first).toEqual(end)
          expect(end?.isDeleted).toBe(true)
          expect(others).toEqual([undefined, undefined, undefined, undefined])
        }
        expect(end?.lastActive).toBe(Math.max(...renewals.map(({ lastActive }) => lastActive), 0) || end?.lastActive)
      }
    }, 60_000)

    it('leave alone what is not active, at the time of each', async () => {
      const { store, statements } = counted(under.database)
      const [first = '', early = '', late = '', ...others] = active(100)
      const end = (await stored(early))?.expiresAt ?? 0
      const lateEnd = (await stored(late))?.expiresAt ?? 0
      const gone = [idOf(18), idOf(9), idOf(5_000)]
      const outcomes = await Promise.all([
        store.renew(first, fillTime, 60),
        store.renew(early, end - 1, 60),
        store.renew(late, lateEnd, 60),
        ...gone.map((id) => store.renew(id, fillTime, 60)),
        ...others.slice(0, 20).map((id) => store.renew(id, fillTime, 60)),
      ])
      expect(outcomes.slice(0, 6).map((record) => record?.expiresAt)).toEqual([
        ...[fillTime + 60_000, end - 1 + 60_000],
        ...[undefined, undefined, undefined, undefined],
      ])
      expect(outcomes.slice(6).every((record) => record?.version === 2)).toBe(true)
      expect(await Promise.all([first, late, ...gone].map((id) => store.revoke(id, lateEnd)))).toEqual(
        new Array(5).fill(undefined),
      )
      expect(await stored(late)).toMatchObject({ version: 1, revokedAt: 0 })
      const revoked = await Promise.all(others.slice(20, 40).map((id, n) => store.revoke(id, fillTime + n)))
      expect(revoked.map((record) => record?.revokedAt)).toEqual(revoked.map((_, n) => fillTime + n))
      expect(statements()).toBeLessThan(20)
    }, 60_000)

    it('are refused together when the database is closed', async () => {
      const other = await openTestDatabase(kind)
      const store = createSessionStore(other.database)
      await other.close()
      const results = await Promise.allSettled(active(50).map((id) => store.revoke(id, fillTime)))
      expect(new Set(results.map((each) => each.status === 'rejected' && each.reason.code))).toEqual(
        new Set(['TM-SYS-5030']),
      )
    })
  })
}

describe('renewals and revokes that come together on PostgreSQL', () => {
  let under: DatabaseUnderTest
  let other: Database
  beforeAll(async () => {
    under = await openTestDatabase('postgres')
    other = await openDatabase({ url: under.url, dataDir: '' })
  }, 60_000)
  afterAll(async () => {
    await other.close()
    await under.close()
  })
  beforeEach(async () => {
    await under.empty()
    await insertMany(under.database, 1_000)
  })

  it.each([0, 50])(
    'do not wait for a session that another transaction holds, call %i of 101',
    async (place) => {
      const { store } = counted(under.database)
      // Connections are there, and know the statements.
      await Promise.all(active(200).map((id) => store.renew(id, fillTime, 3_600)))
      const ids = active(301).slice(200)
      const held = ids[place] ?? ''
      let isDone = false
      const renewing = await other.db.transaction(async (tx) => {
        await tx.execute(sql`select 1 from sessions where id = ${held} for update`)
        const calls = ids.map((id) => store.renew(id, fillTime, 3_600))
        const waits = calls[place]?.finally(() => {
          isDone = true
        })
        const outcomes = await Promise.all(calls.filter((_, n) => n !== place))
        expect(outcomes.map((record) => record?.version)).toEqual(new Array(100).fill(2))
        // It would have failed after 500 ms.
        expect(isDone).toBe(false)
        return { waits }
      })
      expect(await renewing.waits).toMatchObject({ id: held, version: 2 })
    },
    60_000,
  )

  it('say so to all that wait for a session that is held for longer, at once', async () => {
    const { store, statements } = counted(under.database)
    const [held = ''] = active(1)
    await other.db.transaction(async (tx) => {
      await tx.execute(sql`select 1 from sessions where id = ${held} for update`)
      const results = await Promise.allSettled(Array.from({ length: 100 }, () => store.revoke(held, fillTime)))
      expect(results.every((each) => each.status === 'rejected' && store.isConflict(each.reason))).toBe(true)
    })
    expect(statements()).toBe(1)
    expect((await store.revoke(held, fillTime))?.id).toBe(held)
  }, 60_000)

  it('of two nodes do not block each other, whatever their order', async () => {
    const nodes = [under.database, other].map((database) => counted(database))
    const ids = active(100)
    for (let round = 1; round <= 10; round++) {
      const now = fillTime + round
      const calls = nodes.flatMap(({ store }, node) =>
        (node === 0 ? ids : ids.toReversed()).flatMap((id) => [store.renew(id, now, 3_600), store.touch(id, now)]),
      )
      await Promise.all(calls)
    }
    const versions = await Promise.all(ids.map(async (id) => (await nodes[0]?.store.find({ id }))?.version ?? 0))
    expect(Math.min(...versions)).toBeGreaterThan(20)
    const revoked = await Promise.all(nodes.flatMap(({ store }) => ids.map((id) => store.revoke(id, fillTime + 20))))
    expect(revoked.filter(Boolean)).toHaveLength(100)
    for (const { statements } of nodes) expect(statements()).toBeLessThan(1_000)
  }, 60_000)

  it('are told of, each one', async () => {
    const told: (readonly string[])[] = []
    const nothing = () => {}
    const subscription = createSubscription({ url: under.url ?? '' })
    subscription.start({
      onSessions: (ids) => told.push(ids),
      ...{ onRevoked: nothing, onKeys: nothing, onDoubt: nothing, onMessage: nothing },
    })
    await until(() => subscription.isLive() && subscription.freshness.asOf() > 0)
    const { store } = counted(under.database)
    const ids = active(300)
    await Promise.all(ids.map((id) => store.revoke(id, fillTime)))
    await until(() => told.flat().length >= 300)
    expect(told.flat().sort()).toEqual(ids)
    expect(told.length).toBeLessThan(50)
    await subscription.close()
  }, 60_000)
})
