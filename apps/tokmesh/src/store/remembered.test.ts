import { until } from '@honoscope/testing'
import { describe, expect, it } from 'vitest'
import type { Freshness } from '../cluster/freshness.ts'
import { newRecord } from '../domain/new-record.ts'
import type { SessionRecord } from '../domain/session.ts'
import { slowRows } from '../testing/slow-rows.ts'
import { type RememberedOptions, remembered } from './remembered.ts'
import { weightOf } from './weight.ts'

const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'test' }
const session = (n: number): SessionRecord => newRecord(`tmss-${n}`, { userId: 'ada' }, caller, `tmth_${n}`, 60, 1_000)
const id = 'tmss-0'
const unreachable = 'ECONNREFUSED'

/** A node over a slow database with some sessions; timers go off when they are told to. */
function node(count: number, options: Partial<RememberedOptions> = {}) {
  const time = { now: 1_000, asOf: 1_000 }
  const freshness: Freshness = { asOf: () => time.asOf, now: () => time.now }
  const database = slowRows(
    Array.from({ length: count }, (_, n) => session(n)),
    () => time.now,
  )
  const timers: { readonly call: () => void; readonly ms: number }[] = []
  const schedule = (call: () => void, ms: number) => {
    timers.push({ call, ms })
    return () => void timers.splice(0)
  }
  const store = remembered(database.rows, { freshness, schedule, ...options })
  /** The result, with the database answering as soon as it is asked. */
  const soon = async <T>(result: Promise<T>): Promise<T> => {
    let isOver = false
    const over = result.finally(() => {
      isOver = true
    })
    over.catch(() => {})
    await until(() => {
      while (!isOver && database.underWay() > 0) database.step(0)
      return isOver
    })
    return over
  }
  const access = (of = id) =>
    soon(store.access({ id: of }, { at: time.now, ip: `ip of ${time.now}`, userAgent: `agent of ${time.now}` }))
  return { time, database, store, soon, timers, access, stored: (of = id) => database.history.get(of)?.at(-1)?.record }
}

describe('what a node remembers', () => {
  it('is asked for once, by either key', async () => {
    const { store, soon, database } = node(1)
    expect(await soon(store.find({ tokenHash: 'tmth_0' }))).toEqual(session(0))
    expect(await soon(store.find({ id }))).toEqual(session(0))
    expect(await soon(store.find({ tokenHash: 'tmth_0' }))).toEqual(session(0))
    expect(database.finds()).toBe(1)
    expect(store.stats()).toMatchObject({ sessions: 1, hits: 2, misses: 1 })
  })

  it('is read once for all who ask at the same time', async () => {
    const { store, soon, database } = node(1)
    const all = await soon(Promise.all(Array.from({ length: 50 }, () => store.find({ id }))))
    expect(new Set(all)).toEqual(new Set([session(0)]))
    expect(database.finds()).toBe(1)
  })

  it('is not known from a read that failed, and all who waited for it are told', async () => {
    const { database, soon } = node(1)
    let fails = true
    const find = () => (fails ? Promise.reject(new Error('gone')) : database.rows.find({ id }))
    const store = remembered({ ...database.rows, find }, { freshness: { asOf: () => 0, now: () => 0 } })
    const results = await Promise.allSettled([1, 2, 3].map(() => store.find({ id })))
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    fails = false
    expect(await soon(store.find({ id }))).toEqual(session(0))
  })

  it('is never that there is no such session; who asked after the read was begun has it asked again', async () => {
    const { store, soon, database } = node(0)
    const first = store.find({ tokenHash: 'tmth_7' })
    // Its read finds nothing; then the session is created, and its token used.
    database.step(0)
    await soon(store.insert(session(7), 50))
    store.clear()
    const second = store.find({ tokenHash: 'tmth_7' })
    expect(await soon(first)).toBeUndefined()
    expect(await soon(second)).toEqual(session(7))
    await soon(store.find({ id: 'tmss-9' }))
    await soon(store.find({ id: 'tmss-9' }))
    expect(database.finds()).toBe(4)
  })

  it('is not what a read found that was begun before a revoke elsewhere and ended after the news of it', async () => {
    const { store, soon, database } = node(1)
    const early = store.find({ id })
    database.step(0)
    database.change(id, { revokedAt: 1_000, isDeleted: true })
    store.forget([id])
    expect((await soon(early))?.revokedAt).toBe(1_000)
    expect((await soon(store.find({ id })))?.revokedAt).toBe(1_000)
    expect(database.finds()).toBe(2)
  })

  it('is not what a read found that ended after a later one, by the other key, had found more', async () => {
    const { store, soon, database } = node(1)
    const early = store.find({ tokenHash: 'tmth_0' })
    database.step(0)
    database.change(id, { version: 2, lastActive: 2_000 })
    const late = store.find({ id })
    await until(() => database.underWay() === 2)
    database.step(1)
    database.step(1)
    expect((await late)?.lastActive).toBe(2_000)
    expect((await soon(early))?.lastActive).toBe(2_000)
  })

  it.each([
    ['one', (of: ReturnType<typeof node>) => of.store.revoke(id, 2_000)],
    ['all of a user', (of: ReturnType<typeof node>) => of.store.revokeAllOf('ada', 2_000, 1_000)],
  ])('is not what a read found that was begun before this node’s revoke of %s', async (_, revoke) => {
    const one = node(1)
    const early = one.store.find({ id })
    one.database.step(0)
    const revoked = revoke(one)
    await until(() => one.database.underWay() === 2)
    one.database.step(1)
    one.database.step(1)
    await revoked
    expect((await one.soon(early))?.revokedAt).toBe(2_000)
    expect((await one.soon(one.store.find({ tokenHash: 'tmth_0' })))?.revokedAt).toBe(2_000)
  })

  it('is a refusal when the session changes faster than it can be read', async () => {
    const { store, database } = node(1)
    const result = store.find({ id }).catch((error) => error)
    for (let i = 0; i < 5; i++) {
      await until(() => database.underWay() > 0)
      database.step(0)
      store.forget([id])
      database.step(0)
    }
    expect(await result).toMatchObject({ code: 'TM-SYS-5030' })
    expect(database.finds()).toBe(5)
  })

  it('is answered with only while something vouches for it, and says as of when it was so', async () => {
    const { store, soon, database, time } = node(1)
    time.now = 1_500
    expect((await soon(store.see({ id }, 1_500))).asOf).toBe(1_500)
    time.now = 2_999
    expect((await soon(store.see({ id }, 2_999))).asOf).toBe(1_000)
    expect(database.finds()).toBe(1)
    time.now = 3_000
    expect((await soon(store.see({ id }, 3_000))).asOf).toBe(3_000)
    expect(database.finds()).toBe(2)
    time.asOf = Number.NEGATIVE_INFINITY
    store.clear()
    await soon(store.find({ id }))
    expect(store.stats().sessions).toBe(0)
  })

  it('expires by the caller’s clock, and is asked for again when its tombstone is due', async () => {
    const { store, soon, database, time } = node(1, { tombstoneTtlMs: 10_000 })
    const due = session(0).expiresAt + 10_000
    time.asOf = time.now
    await soon(store.find({ id }, 1_000))
    expect(await soon(store.find({ id }, due - 1))).toEqual(session(0))
    expect(database.finds()).toBe(1)
    await soon(store.find({ id }, due))
    expect(database.finds()).toBe(2)
    await soon(store.removeTombstones(session(0).expiresAt, 10))
    await soon(store.find({ id }, 1_000))
    expect(database.finds()).toBe(3)
  })

  it('stays when this node is told of its own write, and goes when it is told of another’s', async () => {
    const { store, soon, database } = node(1)
    await soon(store.renew(id, 2_000, 90))
    store.forget([id], true)
    expect((await soon(store.find({ id })))?.version).toBe(2)
    expect(database.finds()).toBe(0)
    store.forget([id], true)
    await soon(store.find({ id }))
    expect(database.finds()).toBe(1)
    // Told of before its answer was here: whether others came in between is not known.
    const renewing = store.renew(id, 3_000, 90)
    await until(() => database.underWay() === 1)
    database.step(0)
    store.forget([id], true)
    await soon(renewing)
    await soon(store.find({ id }))
    expect(database.finds()).toBe(2)
  })

  it('is what was used last, in so many bytes', async () => {
    const { store, soon, database } = node(3, { maxBytes: 2 * weightOf(session(0)) })
    for (const of of ['tmss-0', 'tmss-1', 'tmss-0', 'tmss-2']) await soon(store.find({ id: of }))
    expect(database.finds()).toBe(3)
    expect(store.stats()).toMatchObject({ sessions: 2, bytes: 2 * weightOf(session(0)) })
    await soon(store.find({ tokenHash: 'tmth_0' }))
    expect(database.finds()).toBe(3)
    await soon(store.find({ tokenHash: 'tmth_1' }))
    expect(database.finds()).toBe(4)
  })
})

describe('touches', () => {
  it('show at once, are stored together a little later, and stay remembered', async () => {
    const { access, store, soon, timers, stored, time, database } = node(2)
    for (const now of [2_000, 2_100, 2_050]) {
      time.now = now
      time.asOf = now
      expect((await access()).record?.version).toBe(now === 2_000 ? 2 : now === 2_100 ? 3 : 4)
    }
    const shown = await soon(store.find({ id }))
    expect(shown).toMatchObject({ version: 4, lastActive: 2_100, lastAccessIp: 'ip of 2050' })
    expect(stored()).toEqual(session(0))
    expect(timers.map(({ ms }) => ms)).toEqual([100])
    timers.splice(0)[0]?.call()
    await until(() => database.underWay() > 0)
    await soon(store.flush())
    expect(stored()).toEqual(shown as SessionRecord)
    expect(database.told).toHaveLength(1)
    store.forget([id], true)
    expect(await soon(store.find({ id }))).toEqual(shown as SessionRecord)
    expect(database.finds()).toBe(1)
  })

  it('are not noted of a session that is not active', async () => {
    const { access, store, time } = node(1)
    time.now = time.asOf = session(0).expiresAt
    expect((await access()).record?.version).toBe(1)
    expect(store.stats().touchesWaiting).toBe(0)
  })

  it('that are waited for share a statement, and an unchanged one says so', async () => {
    const { store, soon, stored, database } = node(3)
    const all = ['tmss-0', 'tmss-1', 'tmss-0', 'tmss-2'].map((of, i) => store.touch(of, 2_000 + i))
    await until(() => database.underWay() === 1)
    const versions = (await soon(Promise.all(all))).map((record) => record?.version)
    expect(versions).toEqual([2, 2, 2, 2])
    expect(stored()?.lastActive).toBe(2_002)
    expect(await soon(store.touch(id, 2_002))).toBeUndefined()
    expect(await soon(store.touch('tmss-9', 2_002))).toBeUndefined()
  })

  it('change nothing after an access of the same moment, and are not held up by accesses that come later', async () => {
    const { access, store, soon, stored, time } = node(1)
    time.now = time.asOf = 2_000
    expect((await access()).record?.version).toBe(2)
    const touched = store.touch(id, 2_000)
    await access()
    await soon(touched)
    await soon(store.flush())
    expect(stored()).toMatchObject({ version: 3, lastActive: 2_000 })
  })

  it('are stored before what the session’s renew, revoke and the search see', async () => {
    const { access, store, soon, stored, time } = node(1)
    time.now = time.asOf = 2_000
    await access()
    expect((await soon(store.renew(id, 2_000, 60)))?.version).toBe(3)
    await access()
    await soon(store.search({ status: 'active', sortBy: 'createdAt', descending: true, offset: 0, limit: 1 }, 2_000))
    expect(stored()?.version).toBe(4)
    await access()
    expect(await soon(store.revoke(id, 2_000))).toMatchObject({ version: 5, revokedAt: 2_000 })
    expect(stored()?.version).toBe(5)
  })

  it('wait while the database is unreachable, which is told of once, and lose nothing', async () => {
    const failures: unknown[] = []
    const one = node(2, { onTouchFailed: (error) => failures.push(error) })
    const { access, store, soon, database, timers, stored } = one
    await access()
    for (let i = 0; i < 3; i++) {
      database.failNext(unreachable)
      await expect(soon(store.flush())).rejects.toMatchObject({ code: 'TM-SYS-5030' })
      await access()
    }
    expect(failures).toHaveLength(1)
    expect(timers.at(-1)?.ms).toBe(500)
    database.failNext(unreachable)
    await expect(soon(store.revoke(id, 2_000))).rejects.toMatchObject({ code: 'TM-SYS-5030' })
    database.failNext(unreachable)
    await expect(soon(store.touch(id, 2_000))).rejects.toMatchObject({ code: 'TM-SYS-5030' })
    expect(store.stats().touchesWaiting).toBe(1)
    await soon(store.flush())
    expect(stored()?.version).toBe(5)
    expect(store.stats().touchesWaiting).toBe(0)
  })

  it('that the database refuses are told of and given up', async () => {
    const failures: unknown[] = []
    const { access, store, soon, database, stored } = node(1, { onTouchFailed: (error) => failures.push(error) })
    for (const code of ['53100', '22001']) {
      await access()
      database.failNext(code)
      await soon(store.flush())
    }
    expect(failures).toHaveLength(2)
    expect(failures[0]).toMatchObject({ code: 'TM-SYS-5001' })
    expect(stored()).toEqual(session(0))
    expect((await soon(store.find({ id })))?.version).toBe(1)
  })

  it('of others are stored when one session is held, and that one’s are given up after three attempts', async () => {
    let conflicts = 0
    const { time, database } = node(2)
    const { rows } = database
    const held = async (touches: Parameters<typeof rows.writeTouches>[0], passLocked: boolean) => {
      if (!passLocked && touches.some((touch) => touch.id === id)) database.failNext('55P03')
      return rows.writeTouches(
        touches.filter((touch) => !passLocked || touch.id !== id),
        passLocked,
      )
    }
    const freshness: Freshness = { asOf: () => time.now, now: () => time.now }
    const onTouchConflict = () => void conflicts++
    const store = remembered({ ...rows, writeTouches: held }, { freshness, onTouchConflict, schedule: () => () => {} })
    const answer = async <T>(result: Promise<T>) => {
      const pump = setInterval(() => database.step(0), 0)
      return result.finally(() => clearInterval(pump))
    }
    for (const of of [id, 'tmss-1']) await answer(store.access({ id: of }, { at: 2_000, ip: '', userAgent: '' }))
    await answer(store.flush())
    expect(database.history.get('tmss-1')?.at(-1)?.record.version).toBe(2)
    expect([conflicts, store.stats().touchesWaiting]).toEqual([0, 1])
    expect(await answer(store.touch(id, 3_000).catch((error) => error))).toMatchObject({ code: 'TM-SYS-5001' })
    await answer(store.flush())
    await answer(store.flush())
    expect([conflicts, store.stats().touchesWaiting]).toEqual([1, 0])
  })

  it('beyond the queue’s bound cost the oldest, which is told of', async () => {
    const failures: unknown[] = []
    const one = node(3, { capacity: 2, onTouchFailed: (error) => failures.push(error) })
    for (const of of [id, 'tmss-1', 'tmss-2']) await one.access(of)
    expect(one.store.stats()).toMatchObject({ touchesWaiting: 2, touchesDropped: 1 })
    await one.soon(one.store.flush())
    expect([one.stored(), one.stored('tmss-1'), one.stored('tmss-2')].map((record) => record?.version)).toEqual([
      1, 2, 2,
    ])
    expect(failures).toHaveLength(1)
  })

  it('are stored by the end, which takes no longer than it may', async () => {
    const { access, store, stored, database, soon } = node(1)
    await access()
    await store.close(20)
    expect(stored()?.version).toBe(1)
    await soon(store.close())
    expect(stored()?.version).toBe(2)
    expect(database.underWay()).toBe(0)
  })
})
