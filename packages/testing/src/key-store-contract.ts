import type { KeyRecord, KeyStore } from '@honoscope/api-key'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** A store under test. */
export interface KeyStoreFixture {
  /** Empty. */
  readonly store: KeyStore
  /** Called after each test. */
  readonly close?: () => Promise<void> | void
}

/** Declares the tests that every `KeyStore` must pass. `makeStore` is called before each of them and returns an empty store. */
export function keyStoreContract(name: string, makeStore: () => Promise<KeyStoreFixture> | KeyStoreFixture): void {
  describe(`KeyStore: ${name}`, () => {
    let store: KeyStore
    let fixture: KeyStoreFixture
    beforeEach(async () => {
      fixture = await makeStore()
      store = fixture.store
    })
    afterEach(async () => {
      await fixture.close?.()
    })
    keepsRecords(() => store)
    updatesRecords(() => store)
    insertsFirst(() => store)
    describe('list', () => listsRecords(() => store))
    marksUse(() => store)
  })
}

const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** A record with every field set; the n-th id sorts after the one before. */
function sample(n: number, fields: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id: `tmak-01j${'0'.repeat(22)}${digits[n]}`,
    role: 'reader',
    description: 'Überwachung "prod" \\ 100 %',
    allowList: ['10.0.0.0/8', '2001:db8::/32', '192.168.1.5'],
    rateLimit: 1_000_000,
    expiresAt: 4_102_444_800_000,
    status: 'active',
    secretHash: `$argon2id$v=19$m=16384,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA${n}`,
    oldSecretHash: '',
    gracePeriodEnd: 0,
    createdAt: 1_750_000_000_123 + n,
    createdBy: 'system',
    lastUsedAt: 0,
    version: 1,
    ...fields,
  }
}

function keepsRecords(store: () => KeyStore): void {
  it('gives back every field of a record as it was inserted', async () => {
    const full = sample(1, { oldSecretHash: 'old', gracePeriodEnd: 1_760_000_000_999, lastUsedAt: 5, version: 7 })
    expect(await store().insert(full)).toBe(true)
    expect(await store().get(full.id)).toEqual(full)
    const bare = sample(2, { description: '', allowList: [], expiresAt: 0, status: 'disabled' })
    expect(await store().insert(bare)).toBe(true)
    expect(await store().get(bare.id)).toEqual(bare)
  })

  it('has nothing under an unknown id', async () => {
    await store().insert(sample(1))
    expect(await store().get(sample(2).id)).toBeUndefined()
  })

  it('refuses a taken id and keeps the record that was there', async () => {
    await store().insert(sample(1))
    expect(await store().insert(sample(1, { role: 'admin' }))).toBe(false)
    expect(await store().get(sample(1).id)).toEqual(sample(1))
    expect(await store().count()).toBe(1)
  })

  it('takes one of many simultaneous inserts of an id', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) => store().insert(sample(1, { rateLimit: n + 1 }))),
    )
    expect(results.filter(Boolean)).toHaveLength(1)
    expect((await store().get(sample(1).id))?.rateLimit).toBe(results.indexOf(true) + 1)
  })
}

function updatesRecords(store: () => KeyStore): void {
  it('changes what it is told to, adds 1 to the version and returns the new record', async () => {
    await store().insert(sample(1))
    const changes = {
      status: 'disabled',
      secretHash: 'new',
      oldSecretHash: 'old',
      gracePeriodEnd: 1_760_000_000_001,
      description: 'other',
      allowList: ['::1'],
    } as const
    const expected = { ...sample(1), ...changes, version: 2 }
    expect(await store().update(sample(1).id, 1, changes)).toEqual(expected)
    expect(await store().get(sample(1).id)).toEqual(expected)
    expect(await store().update(sample(1).id, 2, { status: 'active' })).toEqual({
      ...expected,
      status: 'active',
      version: 3,
    })
  })

  it('changes nothing under another version or an unknown id', async () => {
    await store().insert(sample(1, { version: 3 }))
    expect(await store().update(sample(1).id, 2, { status: 'disabled' })).toBeUndefined()
    expect(await store().update(sample(1).id, 4, { status: 'disabled' })).toBeUndefined()
    expect(await store().update(sample(2).id, 3, { status: 'disabled' })).toBeUndefined()
    expect(await store().get(sample(1).id)).toEqual(sample(1, { version: 3 }))
    expect(await store().count()).toBe(1)
  })

  it('lets one of many simultaneous updates win', async () => {
    await store().insert(sample(1))
    const updates = Array.from({ length: 8 }, (_, n) => store().update(sample(1).id, 1, { description: `${n}` }))
    const won = (await Promise.all(updates)).filter((record) => record !== undefined)
    expect(won).toHaveLength(1)
    expect(await store().get(sample(1).id)).toEqual(won[0])
  })
}

function insertsFirst(store: () => KeyStore): void {
  it('imports the first keys once', async () => {
    expect(await store().count()).toBe(0)
    expect(await store().insertFirst([sample(1), sample(2)])).toBe(true)
    expect(await store().insertFirst([sample(3)])).toBe(false)
    expect(await store().count()).toBe(2)
    expect(await store().get(sample(3).id)).toBeUndefined()
  })

  it('imports nothing where there is a key, disabled or not', async () => {
    await store().insert(sample(1, { status: 'disabled' }))
    expect(await store().insertFirst([sample(2)])).toBe(false)
    expect(await store().count()).toBe(1)
  })

  it('lets one of many simultaneous imports win, whole', async () => {
    const pairs = Array.from({ length: 6 }, (_, n) => [sample(2 * n), sample(2 * n + 1)])
    const results = await Promise.all(pairs.map((pair) => store().insertFirst(pair)))
    expect(results.filter(Boolean)).toHaveLength(1)
    expect(await store().count()).toBe(2)
    for (const record of pairs[results.indexOf(true)] ?? []) expect(await store().get(record.id)).toEqual(record)
  })
}

function listsRecords(store: () => KeyStore): void {
  beforeEach(async () => {
    // Two pairs of equal times, inserted in no order.
    const times = [100, 300, 200, 300, 200]
    const order = [3, 0, 4, 2, 1]
    for (const n of order) {
      const role = n % 2 === 0 ? 'reader' : 'admin'
      await store().insert(sample(n, { createdAt: times[n] ?? 0, role, status: n === 4 ? 'disabled' : 'active' }))
    }
  })
  const ids = (records: readonly KeyRecord[]): number[] => records.map(({ id }) => digits.indexOf(id.slice(-1)))

  it('lists the newest first, ties by id descending', async () => {
    const { items, total } = await store().list({ page: 1, size: 10 })
    expect([ids(items), total]).toEqual([[3, 1, 4, 2, 0], 5])
    expect(items[2]).toEqual(sample(4, { createdAt: 200, role: 'reader', status: 'disabled' }))
  })

  it('cuts pages and counts all matches', async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((page) => store().list({ page, size: 2 })))
    expect(pages.map(({ items, total }) => [ids(items), total])).toEqual([
      [[3, 1], 5],
      [[4, 2], 5],
      [[0], 5],
      [[], 5],
    ])
  })

  it('filters by role and status', async () => {
    const readers = await store().list({ page: 1, size: 2, role: 'reader' })
    expect([ids(readers.items), readers.total]).toEqual([[4, 2], 3])
    const active = await store().list({ page: 1, size: 9, role: 'reader', status: 'active' })
    expect([ids(active.items), active.total]).toEqual([[2, 0], 2])
    expect(await store().list({ page: 1, size: 9, role: 'nobody' })).toEqual({ items: [], total: 0 })
    expect((await store().list({ page: 1, size: 9, status: 'disabled', role: undefined })).total).toBe(1)
  })
}

function marksUse(store: () => KeyStore): void {
  it('raises the last use, never lowers it, and leaves the version alone', async () => {
    await store().insert(sample(1))
    await store().insert(sample(2, { lastUsedAt: 1_760_000_000_000 }))
    await store().markUsed([
      { id: sample(1).id, at: 1_760_000_000_005 },
      { id: sample(2).id, at: 1_750_000_000_000 },
      { id: sample(3).id, at: 1_760_000_000_005 },
    ])
    expect(await store().get(sample(1).id)).toEqual(sample(1, { lastUsedAt: 1_760_000_000_005 }))
    expect(await store().get(sample(2).id)).toEqual(sample(2, { lastUsedAt: 1_760_000_000_000 }))
    expect(await store().count()).toBe(2)
    await store().markUsed([])
  })
}
