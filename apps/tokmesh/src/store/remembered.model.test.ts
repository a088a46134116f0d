/** What a node may answer, under every order in which reads, changes, news of them and answers may come. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Freshness } from '../cluster/freshness.ts'
import { newRecord } from '../domain/new-record.ts'
import type { SessionRecord } from '../domain/session.ts'
import { slowRows } from '../testing/slow-rows.ts'
import { remembered } from './remembered.ts'
import { weightOf } from './weight.ts'

const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'test' }
const start = 1_000_000
const ids = ['tmss-0', 'tmss-1', 'tmss-2']
const session = (id: string, n: number): SessionRecord =>
  newRecord(id, { userId: n === 2 ? 'bob' : 'ada' }, caller, `tmth_${id}`, 3_600, start)

type Command =
  | {
      readonly do: 'find' | 'see' | 'access' | 'touch' | 'renew' | 'revoke' | 'revokedElsewhere' | 'touchedElsewhere'
      readonly of: number
    }
  | { readonly do: 'step'; readonly n: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'hear' | 'confirm' | 'doubt' | 'recover' | 'timer' | 'fail' | 'revokeAll' | 'search' }

const of = fc.nat(ids.length - 1)
const commands = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('find', 'see', 'access'), of }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('touch', 'renew', 'touchedElsewhere'), of }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('revoke', 'revokedElsewhere'), of }) },
    { weight: 14, arbitrary: fc.record({ do: fc.constant('step' as const), n: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1_500 }) }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('hear', 'timer', 'confirm') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('doubt', 'recover', 'fail', 'revokeAll', 'search') }) },
  ),
  { minLength: 20, maxLength: 120, size: 'max' },
) as fc.Arbitrary<Command[]>

/** Enough for all that is waiting in promises to go on. */
const turn = async () => {
  for (let i = 0; i < 30; i++) await undefined
}

/** One node over one database, and what is checked of every answer. */
function world() {
  let now = start
  const clock = { asOf: start, isLive: true }
  const database = slowRows(ids.map(session), () => now)
  const freshness: Freshness = { asOf: () => (clock.isLive ? clock.asOf : Number.NEGATIVE_INFINITY), now: () => now }
  const timers: (() => void)[] = []
  const maxBytes = 2 * weightOf(session('tmss-0', 0)) + 100
  const store = remembered(database.rows, {
    freshness,
    maxBytes,
    schedule: (call) => {
      timers.push(call)
      return () => void timers.splice(timers.indexOf(call), 1)
    },
  })
  /** The place in its history that no answer may be before: the last change that the node was told of. */
  const floor = new Map<string, number>()
  /** What was answered last when the node had heard of all: nothing may fall behind that. */
  const seen = new Map<string, SessionRecord>()
  const accesses = new Map<string, number>()
  const faults: unknown[] = []
  const problems: string[] = []
  const historyOf = (id: string) => database.history.get(id) ?? []

  /** The places in the session's history at which it was as the answer says. */
  const placesOf = ({ id, revokedAt, expiresAt }: SessionRecord) =>
    historyOf(id).flatMap(({ record }, i) =>
      record.revokedAt === revokedAt && record.expiresAt === expiresAt ? [i] : [],
    )

  const check = (record: SessionRecord | undefined, asOf: number, before: SessionRecord | undefined, told: number) => {
    if (!record) return problems.push('a session was not found')
    const past = historyOf(record.id)
    const places = placesOf(record)
    // It was so at `asOf` or later: what replaced it came after.
    const isTrue = places.some((i) => (past[i + 1]?.at ?? Number.POSITIVE_INFINITY) >= asOf)
    if (!isTrue) problems.push(`${record.id} was not so as of ${asOf}`)
    if (!places.some((i) => i >= told)) problems.push(`${record.id} is as it was before a change that was told of`)
    if (clock.isLive && database.told.length === 0) seen.set(record.id, record)
    // Touches that come at the same time as the revoke are not stored, and nobody is shown them.
    if (record.revokedAt !== 0) return undefined
    if (before && record.lastActive < before.lastActive) problems.push(`${record.id} went back`)
    if (before && record.version < before.version) problems.push(`${record.id} has an older version`)
    if (asOf > now) problems.push('an answer from the future')
    return undefined
  }
  /** Follows a lookup to its end. Freed places of the history are those told of when it ends. */
  const follow = (
    id: string,
    look: () => Promise<{ record: SessionRecord | undefined; asOf: number }>,
    isAccess: boolean,
  ) => {
    const before = seen.get(id)
    look().then(
      ({ record, asOf }) => {
        check(record, asOf, before, floor.get(id) ?? 0)
        if (isAccess && record && record.revokedAt === 0) {
          accesses.set(id, (accesses.get(id) ?? 0) + 1)
          if (before && before.revokedAt === 0 && record.version <= before.version)
            problems.push('an access added nothing')
        }
      },
      (error) => faults.push(error),
    )
  }
  const ignore = (promise: Promise<unknown>) => void promise.catch((error) => faults.push(error))
  const hear = () => {
    const news = database.told.shift()
    if (!news) return
    if (!clock.isLive) return
    store.forget([news.id], news.isOwn)
    floor.set(news.id, news.index)
  }

  const carryOut = (command: Command) => {
    const id = 'of' in command ? (ids[command.of] ?? '') : ''
    switch (command.do) {
      case 'find':
        return follow(
          id,
          async () => ({ record: await store.find({ id }, now), asOf: Number.NEGATIVE_INFINITY }),
          false,
        )
      case 'see':
        return follow(id, () => store.see({ tokenHash: `tmth_${id}` }, now), false)
      case 'access':
        return follow(
          id,
          () => store.access({ tokenHash: `tmth_${id}` }, { at: now, ip: 'ip', userAgent: `${now}` }),
          true,
        )
      case 'touch':
        return ignore(store.touch(id, now))
      case 'renew':
        return ignore(store.renew(id, now, 3_600 + command.of))
      case 'revoke':
        return ignore(store.revoke(id, now))
      case 'revokeAll':
        return ignore(store.revokeAllOf('bob', now, 1_000))
      case 'search':
        return ignore(
          store.search({ status: 'active', sortBy: 'createdAt', descending: true, offset: 0, limit: 1 }, now),
        )
      case 'revokedElsewhere':
        return database.change(id, { revokedAt: now, isDeleted: true })
      case 'touchedElsewhere': {
        const { version, lastActive } = historyOf(id).at(-1)?.record ?? session(id, 0)
        return database.change(id, { version: version + 1, lastActive: Math.max(now, lastActive) })
      }
      case 'step':
        return database.step(command.n)
      case 'wait':
        now += command.ms
        return
      case 'hear':
        return hear()
      case 'confirm':
        // All that was committed by now was heard.
        if (database.told.length === 0 && clock.isLive) clock.asOf = now
        return
      case 'doubt':
        clock.isLive = false
        return store.clear()
      case 'recover':
        // What was told in between was not heard; the node begins with the changes of from now on.
        if (clock.isLive) return
        database.told.length = 0
        clock.isLive = true
        clock.asOf = now
        return
      case 'timer':
        return timers.shift()?.()
      case 'fail':
        return database.failNext('ECONNREFUSED')
    }
  }
  const isOver = () => store.stats().bytes > maxBytes
  /** Lets everything come to its end. */
  const settle = async () => {
    let isFlushed = false
    const flush = store
      .flush()
      .catch((error) => faults.push(error))
      .finally(() => {
        isFlushed = true
      })
    for (let i = 0; i < 2_000 && (database.underWay() > 0 || !isFlushed); i++) {
      database.step(0)
      await turn()
    }
    await flush
  }
  return {
    database,
    store,
    carryOut,
    settle,
    problems,
    faults,
    accesses,
    seen,
    historyOf,
    isOver,
  }
}

it('no answer is older than it says, or than a change that was told of; touches go forward and none is lost', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (all) => {
      const { carryOut, settle, problems, accesses, historyOf, isOver, store, seen } = world()
      for (const command of all) {
        carryOut(command)
        await turn()
        expect(problems).toEqual([])
        expect(isOver()).toBe(false)
      }
      // Lookups come to their end, then a write that is to fail fails, then all is written.
      for (let i = 0; i < 3; i++) await settle()
      expect(problems).toEqual([])
      expect(store.stats()).toMatchObject({ touchesWaiting: 0, touchesDropped: 0 })
      for (const id of ids) {
        const past = historyOf(id)
        const last = past.at(-1)?.record
        if (last?.revokedAt !== 0) continue
        expect(last.lastActive).toBeGreaterThanOrEqual(seen.get(id)?.lastActive ?? 0)
        expect(last.version).toBeGreaterThanOrEqual(seen.get(id)?.version ?? 0)
        expect(last.version).toBeGreaterThanOrEqual(1 + (accesses.get(id) ?? 0))
      }
    }),
    { numRuns: 400 },
  )
}, 120_000)
