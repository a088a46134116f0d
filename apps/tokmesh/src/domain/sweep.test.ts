import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSessionStore } from '../store/sessions.ts'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import type { Caller, Sessions } from './session.ts'
import type { SessionStore } from './session-store.ts'
import { createSessions } from './sessions.ts'
import { type Sweep, type SweepOptions, startSweep } from './sweep.ts'

const limits = { ttlDefault: 7_200, ttlMax: 2_592_000, maxPerUser: 10_000, tombstoneTtlMs: 60_000 }
const caller: Caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'test' }

for (const kind of databaseKinds) {
  describe(`the expiry sweep on ${kind}`, () => {
    let under: DatabaseUnderTest
    let store: SessionStore
    let sessions: Sessions
    let now = 0
    const clock = () => now
    const running: Sweep[] = []
    // A long interval, so that nothing but the test's own calls of tick() sweeps.
    const start = (options: Partial<SweepOptions> = {}) => {
      const sweep = startSweep({ store, clock, tombstoneTtlMs: 60_000, intervalMs: 60_000, ...options })
      running.push(sweep)
      return sweep
    }
    const createMany = (count: number, ttlSeconds: number) =>
      Promise.all(Array.from({ length: count }, () => sessions.create({ userId: 'ada', ttlSeconds }, caller)))

    beforeAll(async () => {
      under = await openTestDatabase(kind)
      store = createSessionStore(under.database)
      sessions = createSessions({ store, clock, limits })
    }, 60_000)
    afterAll(() => under.close())
    beforeEach(async () => {
      for (const sweep of running.splice(0)) await sweep.stop()
      await under.empty()
      now = 1_800_000_000_000
    })

    it('repeats while more than a quarter of the sample had expired, up to four extra rounds', async () => {
      await createMany(130, 1)
      await createMany(3, 600)
      now += 1_000
      expect(await store.counts(now)).toEqual({ active: 3, kept: 133 })
      const sweep = start()
      expect(await sweep.tick()).toBe(100)
      expect(await sweep.tick()).toBe(30)
      expect(await sweep.tick()).toBe(0)
      expect(await store.counts(now)).toEqual({ active: 3, kept: 3 })
    })

    it('takes what expired first, and keeps the expired readable as such', async () => {
      const [first] = await createMany(1, 1)
      const [second] = await createMany(1, 2)
      now += 5_000
      const sweep = start({ sampleSize: 1 })
      await store.sweep(now, 1)
      expect((await store.find({ id: first?.session.id ?? '' }))?.isDeleted).toBe(true)
      expect((await store.find({ id: second?.session.id ?? '' }))?.isDeleted).toBe(false)
      await sweep.tick()
      expect((await store.find({ id: second?.session.id ?? '' }))?.isDeleted).toBe(true)
      await expect(sessions.get(first?.session.id ?? '')).rejects.toMatchObject({ code: 'TM-SESS-4041' })
    })

    it('removes a tombstone when its time is over, and not a millisecond before', async () => {
      const [revoked] = await createMany(1, 10)
      const [expired] = await createMany(1, 5)
      const sweep = start()
      await sessions.revoke(revoked?.session.id ?? '')
      now += 5_000
      await sweep.tick()
      // Expired at +5 s, so due at +65 s; the revoked one would have expired at +10 s: due at +70 s.
      now += 59_999
      await sweep.tick()
      expect(await store.find({ id: expired?.session.id ?? '' })).toBeDefined()
      now += 1
      await sweep.tick()
      expect(await store.find({ id: expired?.session.id ?? '' })).toBeUndefined()
      expect(await store.find({ id: revoked?.session.id ?? '' })).toBeDefined()
      now += 5_000
      await sweep.tick()
      expect(await store.find({ id: revoked?.session.id ?? '' })).toBeUndefined()
    })

    it('takes what is of its own shards, as they are at each tick', async () => {
      await createMany(60, 1)
      await createMany(4, 600)
      now += 1_000
      const isOdd = (shard: number) => shard % 2 === 1
      const all = Array.from({ length: 1024 }, (_, shard) => shard)
      const [odd, even] = [all.filter(isOdd), all.filter((shard) => !isOdd(shard))]
      const [ofOdd, ofEven] = [await store.counts(now, odd), await store.counts(now, even)]
      expect(ofOdd.kept + ofEven.kept).toBe(64)
      expect(ofOdd.active + ofEven.active).toBe(4)
      let own: readonly number[] = odd
      const sweep = start({ shards: () => own })
      expect(await sweep.tick()).toBe(ofOdd.kept - ofOdd.active)
      expect(await sweep.tick()).toBe(0)
      expect(await store.counts(now, odd)).toEqual({ active: ofOdd.active, kept: ofOdd.active })
      expect(await store.counts(now, even)).toEqual(ofEven)
      // The node that had the others is gone.
      own = all
      expect(await sweep.tick()).toBe(ofEven.kept - ofEven.active)
      expect(await store.counts(now)).toEqual({ active: 4, kept: 4 })
      own = []
      now += 600_000
      expect(await sweep.tick()).toBe(0)
      expect(await store.counts(now, own)).toEqual({ active: 0, kept: 0 })
    })

    it('A27 goes on by itself, without any access', async () => {
      await createMany(60, 1)
      now += 1_000
      start({ intervalMs: 100 })
      const deadline = Date.now() + 5_000
      while ((await store.counts(now)).kept > 0 && Date.now() < deadline) await pause(50)
      expect((await store.counts(now)).kept).toBe(0)
    })
  })
}

describe('a sweep', () => {
  const idle = { expiry: undefined, tombstone: undefined }

  it('survives a failing database, never overlaps itself and ends cleanly', async () => {
    let calls = 0
    let inside = 0
    let most = 0
    const errors: unknown[] = []
    const store = {
      async nextDue() {
        calls += 1
        most = Math.max(most, ++inside)
        await pause(20)
        inside -= 1
        if (calls === 1) throw new Error('down')
        return idle
      },
    } as Partial<SessionStore> as SessionStore
    const sweep = startSweep({ store, tombstoneTtlMs: 1, intervalMs: 10, onError: (error) => errors.push(error) })
    await pause(15)
    await Promise.allSettled([sweep.tick(), sweep.tick(), sweep.tick()])
    await pause(1_200)
    expect(errors).toHaveLength(1)
    expect(calls).toBeGreaterThanOrEqual(5)
    expect(most).toBe(1)
    await sweep.stop()
    const after = calls
    await pause(1_100)
    expect(calls).toBe(after)
  })

  it('does not look again for what others have left, until its shards change or two seconds are over', async () => {
    let now = 1_000_000
    let own = [1, 2]
    let expiry: number | undefined = now - 500
    const looks: unknown[] = []
    const store = {
      nextDue: async (scope) => {
        looks.push(scope)
        return { expiry, tombstone: undefined }
      },
      sweep: async (_now, _sample, scope) => {
        looks.push(scope)
        return 0
      },
    } as Partial<SessionStore> as SessionStore
    const sweep = startSweep({ store, tombstoneTtlMs: 1, intervalMs: 60_000, clock: () => now, shards: () => [...own] })
    const tick = async () => {
      looks.length = 0
      await sweep.tick()
      return [...looks]
    }
    const shards = own
    expect(await tick()).toEqual([
      { shards, from: 0 },
      { shards, from: now - 500 },
    ])
    expiry = undefined
    now += 100
    expect(await tick()).toEqual([{ shards, from: 1_000_000 - 500 }])
    // Nothing is left of its own, so it looks for no more than what expires from now on.
    expect(await tick()).toEqual([{ shards, from: now }])
    own = [2, 3]
    expect(await tick()).toEqual([{ shards: own, from: 0 }])
    now += 2_000
    expect(await tick()).toEqual([{ shards: own, from: 0 }])
    await sweep.stop()
  })

  it('looks once a second while nothing is due, and in time when something is', async () => {
    let calls = 0
    const store = {
      nextDue: async () => {
        calls += 1
        return calls === 1 ? idle : { ...idle, expiry: Date.now() + 200 }
      },
    } as Partial<SessionStore> as SessionStore
    const sweep = startSweep({ store, tombstoneTtlMs: 1 })
    await pause(700)
    expect(calls).toBe(1)
    await pause(1_200)
    expect(calls).toBeGreaterThan(3)
    expect(calls).toBeLessThan(9)
    await sweep.stop()
  })
})
