/** What a node hears of changes, on a real PostgreSQL. */
import { until } from '@honoscope/testing'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createKeyStore } from '../store/keys.ts'
import { createSessionStore } from '../store/sessions.ts'
import { type DatabaseUnderTest, openTestDatabase } from '../testing/databases.ts'
import { type Listener, listen } from '../testing/listeners.ts'
import { fillTime, insertMany } from '../testing/many-sessions.ts'

const own = 'feedfeedfeedfeed'
const idOf = (n: number) => `tmss-${String(n).padStart(26, '0')}`
/** {@link insertMany} makes these active. */
const active = (count: number) =>
  Array.from({ length: count * 2 }, (_, i) => i + 1)
    .filter((i) => i % 10 < 8)
    .slice(0, count)
    .map(idOf)

let opened: DatabaseUnderTest
let psql: ReturnType<typeof postgres>
let listeners: Listener[]
const first = () => {
  const [listener] = listeners
  if (listener === undefined) throw new Error('nobody listens')
  return listener
}

beforeAll(async () => {
  opened = await openTestDatabase('postgres', { sender: own })
  const url = opened.url ?? ''
  psql = postgres(url, { max: 20, onnotice: () => {} })
  listeners = await Promise.all([own, 'a', 'b'].map((sender) => listen({ url, sender })))
}, 60_000)
afterAll(async () => {
  await Promise.all(listeners.map(({ subscription }) => subscription.close()))
  await psql.end()
  await opened.close()
})

/** Resolves when all have heard everything; what was told before is no part of it. */
const settled = async () => {
  const [row] = await psql<{ seq: string }[]>`select seq from changes`
  await until(() => listeners.every(({ subscription }) => subscription.applied() === Number(row?.seq)))
}
const clear = async () => {
  await settled()
  for (const listener of listeners) listener.clear()
}
/** The number of changes that `work` makes. */
const told = async (work: () => Promise<unknown>) => {
  const before = first().subscription.applied()
  await work()
  await settled()
  return first().subscription.applied() - before
}

beforeEach(async () => {
  await opened.empty()
  await insertMany(opened.database, 2_000)
  await clear()
})

describe('a change', () => {
  it('reaches all who listen, in one order and at once, also with 200 at the same time', async () => {
    const ids = active(200)
    const seen = new Map<string, number>()
    const watch = setInterval(() => {
      for (const id of first().sessions.flat()) if (!seen.has(id)) seen.set(id, performance.now())
    }, 1)
    const committed = new Map<string, number>()
    const revoke = async (id: string) => {
      await psql`update sessions set revoked_at = ${fillTime}, is_deleted = true where id = ${id}`
      committed.set(id, performance.now())
    }
    await Promise.all(ids.map(revoke))
    await settled()
    await until(() => seen.size === ids.length)
    clearInterval(watch)
    const orders = listeners.map(({ sessions }) => sessions.flat())
    expect(new Set(orders[0])).toEqual(new Set(ids))
    expect(orders[1]).toEqual(orders[0])
    expect(orders[2]).toEqual(orders[0])
    const latest = Math.max(...ids.map((id) => (seen.get(id) ?? Number.NaN) - (committed.get(id) ?? Number.NaN)))
    expect(latest).toBeLessThan(1_000)
    for (const { doubts, revokeLags } of listeners) {
      expect(doubts).toEqual([])
      expect(revokeLags).toHaveLength(200)
      for (const lag of revokeLags) expect(lag).toBeLessThan(2)
    }
  })

  it('that is rolled back is told to nobody', async () => {
    const rollBack = psql.begin(async (tx) => {
      await tx`update sessions set revoked_at = ${fillTime} where user_id = 'user-1'`
      throw new Error('changed my mind')
    })
    await expect(rollBack).rejects.toThrow('changed my mind')
    expect(await told(async () => {})).toBe(0)
    expect(await told(() => psql`update sessions set revoked_at = ${fillTime} where id = ${idOf(1)}`)).toBe(1)
    for (const { sessions } of listeners) expect(sessions).toEqual([[idOf(1)]])
  })

  it('of a thousand sessions is told in parts', async () => {
    const ids = active(1_000)
    const parts = await told(() => psql`update sessions set revoked_at = ${fillTime} where id = any(${ids})`)
    expect(parts).toBe(5)
    for (const { sessions } of listeners) {
      expect(sessions.map((part) => part.length)).toEqual([200, 200, 200, 200, 200])
      expect(sessions.flat().sort()).toEqual(ids)
    }
  })

  it('of a session is told when another node could remember it otherwise, and only then', async () => {
    const store = createSessionStore(opened.database)
    const [id = ''] = active(1)
    const later = fillTime + 1_000
    expect(await told(() => store.sweep(fillTime + 2 * 3_600_000, 100))).toBe(0)
    expect(await told(() => insertMany(opened.database, 0))).toBe(0)
    // A tombstone may be remembered as well.
    expect(await told(() => psql`delete from sessions where id = ${idOf(8)}`)).toBe(1)
    first().clear()
    await opened.empty()
    await insertMany(opened.database, 100)
    expect(await told(() => store.touch(id, later))).toBe(1)
    expect(await told(() => store.renew(id, later, 60))).toBe(1)
    expect(await told(() => store.revoke(id, later))).toBe(1)
    expect(await told(() => store.revoke(id, later))).toBe(0)
  })

  it('of its own a node hears too, but does not time', async () => {
    const store = createSessionStore(opened.database)
    await told(() => store.revokeAllOf('user-1', fillTime, 100))
    const [self, ...others] = listeners
    expect(self?.sessions.flat().length).toBeGreaterThan(3)
    expect(self?.revokeLags).toEqual([])
    for (const other of others) expect(other.revokeLags).toHaveLength(1)
  })

  it('by hand is told like any other', async () => {
    const [id = ''] = active(1)
    await psql`update sessions set data = '{"role":"none"}' where id = ${id}`
    await psql`delete from sessions where id = ${id}`
    await settled()
    for (const { sessions } of listeners) expect(sessions).toEqual([[id], [id]])
    await psql`truncate sessions`
    await settled()
    for (const listener of listeners) expect(listener.forgotten()).toBe(1)
  })

  it('of a key is told, the note of its use is not', async () => {
    const keys = createKeyStore(opened.database)
    const id = `tmak-${'0'.repeat(26)}`
    const record = { id, role: 'admin', description: '', allowList: [], rateLimit: 1, expiresAt: 0 }
    const secrets = { secretHash: 'hash', oldSecretHash: '', gracePeriodEnd: 0, createdAt: 1, createdBy: '-' }
    await keys.insert({ ...record, ...secrets, status: 'active', lastUsedAt: 0, version: 1 })
    expect(await told(() => keys.markUsed([{ id, at: 5 }]))).toBe(0)
    expect(await told(() => keys.update(id, 1, { status: 'disabled' }))).toBe(1)
    expect(await told(() => keys.update(id, 2, { secretHash: 'new', oldSecretHash: 'hash' }))).toBe(1)
    expect(await told(() => psql`update api_keys set status = 'active' where id = ${id}`)).toBe(1)
    expect(await told(() => psql`delete from api_keys where id = ${id}`)).toBe(1)
    for (const listener of listeners) expect(listener.keys).toEqual([[id], [id], [id], [id]])
    expect(await told(() => psql`truncate api_keys`)).toBe(1)
    expect(first().forgotten()).toBe(1)
  })
})

describe('a message', () => {
  it('reaches all, its sender included, as it was sent', async () => {
    await first().subscription.publish('confirm', '17', 'tmnd-1')
    await first().subscription.publish('bye')
    await until(() => listeners.every(({ messages }) => messages.length === 2))
    for (const { messages } of listeners) {
      expect(messages).toMatchObject([
        { kind: 'confirm', sender: own, words: ['17', 'tmnd-1'] },
        { kind: 'bye', sender: own, words: [] },
      ])
      for (const { lagSeconds } of messages) expect(lagSeconds).toBeLessThan(1)
    }
  })

  it.each([['two words'], [''], ['ä'.repeat(4_000)]])(
    'that would not come out as it went in is refused',
    async (word) => {
      await expect(first().subscription.publish('kind', word)).rejects.toThrow(TypeError)
    },
  )
})

describe('who waits for a change', () => {
  it('is told when it was applied, or that it was not in time', async () => {
    const { subscription } = first()
    const next = subscription.applied() + 1
    expect(await subscription.reached(next - 1, 0)).toBe(true)
    expect(await subscription.reached(next, 50)).toBe(false)
    const waiting = subscription.reached(next, 5_000)
    await psql`update sessions set revoked_at = ${fillTime} where id = ${idOf(1)}`
    expect(await waiting).toBe(true)
  })
})
