import { parseAllowList } from '@honoscope/api-key'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SessionPage, SessionSearch } from '../domain/search.ts'
import type { SessionRecord } from '../domain/session.ts'
import type { SessionStore } from '../domain/session-store.ts'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import { sessions } from './schema.ts'
import { createSessionStore } from './sessions.ts'

const now = 1_800_000_000_000
const everything: SessionSearch = { status: 'active', sortBy: 'createdAt', descending: true, offset: 0, limit: 100 }

// Few values each, so that they meet, and so that there are ties.
const users = ['ada', 'bob', 'Ada', 'é😀']
const devices = ['d1', 'd2', 'web']
const keys = ['tmak-01hv3q4k7d0000000000000000', 'tmak-01hv3q4k7d0000000000000001']
const addresses = [
  '10.0.0.1',
  '10.0.0.2',
  '10.1.0.1',
  '192.0.2.255',
  '0.0.0.0',
  '::',
  '::1',
  '2001:db8::1',
  '2001:db8:ffff::1',
]
const networks = [
  ...['10.0.0.1', '10.0.0.0/30', '10.0.0.0/8', '0.0.0.0/0', '192.0.2.254/31', '172.16.0.0/12'],
  ...['::1', '::/0', '2001:db8::/32', '2001:db8::/33', 'fe80::/10'],
]
const near = fc.integer({ min: now - 20, max: now + 20 })
const times = { createdAt: near, lastActive: near }

/** A session in one of the states that there are. */
const session: fc.Arbitrary<SessionRecord> = fc
  .record({
    ...times,
    userId: fc.constantFrom(...users),
    deviceId: fc.constantFrom('', ...devices),
    createdBy: fc.constantFrom(...keys),
    // '' is what a create has that came from no address.
    ipAddress: fc.constantFrom('', ...addresses),
    expiresAt: near,
    isRevoked: fc.boolean(),
    isSwept: fc.boolean(),
    number: fc.nat(2 ** 40),
  })
  .map(({ isRevoked, isSwept, number, ...fields }) => ({
    ...fields,
    id: `tmss-${number.toString(32).padStart(26, '0')}`,
    tokenHash: `tmth_${number}`,
    userAgent: 'ua',
    lastAccessIp: '127.0.0.1',
    lastAccessUa: 'ua2',
    data: { 'a "key"': 'é' },
    version: 3,
    shardId: 7,
    ttl: 60,
    isDeleted: isRevoked || (isSwept && fields.expiresAt <= now),
    revokedAt: isRevoked ? now - 5 : 0,
  }))

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })

const query: fc.Arbitrary<SessionSearch> = fc.record({
  userId: maybe(fc.constantFrom(...users, 'nobody')),
  deviceId: maybe(fc.constantFrom(...devices)),
  network: maybe(fc.constantFrom(...networks)),
  createdBy: maybe(fc.constantFrom(...keys)),
  createdFrom: maybe(near),
  createdBefore: maybe(near),
  activeFrom: maybe(near),
  status: fc.constantFrom('active', 'expired'),
  sortBy: fc.constantFrom('createdAt', 'lastActive'),
  descending: fc.boolean(),
  offset: fc.oneof(fc.constant(0), fc.nat(60), fc.constant(Number.MAX_SAFE_INTEGER)),
  limit: fc.integer({ min: 1, max: 100 }),
})

/** What the contract says, in plain words. */
function model(all: readonly SessionRecord[], wanted: SessionSearch): SessionPage {
  const { network } = wanted
  const inNetwork = network === undefined ? undefined : parseAllowList([network])
  const found = all.filter((one) => {
    const expired = now >= one.expiresAt
    if (wanted.status === 'expired' ? !expired : expired || one.revokedAt !== 0) return false
    if (wanted.userId !== undefined && one.userId !== wanted.userId) return false
    if (wanted.deviceId !== undefined && one.deviceId !== wanted.deviceId) return false
    if (wanted.createdBy !== undefined && one.createdBy !== wanted.createdBy) return false
    if (wanted.createdFrom !== undefined && one.createdAt < wanted.createdFrom) return false
    if (wanted.createdBefore !== undefined && one.createdAt >= wanted.createdBefore) return false
    if (wanted.activeFrom !== undefined && one.lastActive < wanted.activeFrom) return false
    return !inNetwork || inNetwork.allows(one.ipAddress)
  })
  const sign = wanted.descending ? -1 : 1
  const by = (a: SessionRecord, b: SessionRecord) => a[wanted.sortBy] - b[wanted.sortBy] || (a.id < b.id ? -1 : 1)
  found.sort((a, b) => sign * by(a, b))
  return { items: found.slice(wanted.offset, wanted.offset + wanted.limit), total: found.length }
}

describe.each(databaseKinds)('search on %s', (kind) => {
  let under: DatabaseUnderTest
  let store: SessionStore
  let all: SessionRecord[] = []

  beforeAll(async () => {
    under = await openTestDatabase(kind)
    store = createSessionStore(under.database)
  })
  afterAll(() => under?.close())

  const fill = async (records: readonly SessionRecord[]) => {
    all = [...records]
    await under.empty()
    if (all.length > 0) await under.database.run((db) => db.insert(sessions).values(all))
  }

  it('finds what the plain model finds, in its order, whatever is asked', async () => {
    const distinct = { minLength: 300, maxLength: 300, selector: (one: SessionRecord) => one.id }
    // In one with the queries', so that what fast-check prints of a failure is enough to repeat it.
    const seed = Date.now() % 2 ** 31
    const [records] = fc.sample(fc.uniqueArray(session, distinct), { seed, numRuns: 1 })
    await fill(records ?? [])
    let matched = 0
    await fc.assert(
      fc.asyncProperty(query, async (wanted) => {
        const expected = model(all, wanted)
        expect(await store.search(wanted, now)).toEqual(expected)
        matched += expected.items.length
      }),
      { seed, numRuns: 300 },
    )
    expect(matched).toBeGreaterThan(100)
  })

  it('finds nothing where there is nothing', async () => {
    await fill([])
    for (const status of ['active', 'expired'] as const) {
      expect(await store.search({ ...everything, status }, now)).toEqual({ items: [], total: 0 })
    }
  })

  it('takes texts as they are: no pattern, no case, no second statement', async () => {
    const [template] = fc.sample(session, 1)
    const odd = ["%' or 1=1 --", '_', 'ADA', '\\', '$1', 'é😀'.normalize('NFD')]
    const active = { expiresAt: now + 1, isDeleted: false, revokedAt: 0 }
    const records = ['ada', ...odd].map((text, i) => {
      return {
        ...template,
        ...active,
        id: `tmss-${i}`,
        tokenHash: `${i}`,
        userId: text,
        deviceId: text,
      } as SessionRecord
    })
    await fill(records)
    for (const record of records) {
      const { userId, deviceId } = record
      expect(await store.search({ ...everything, userId }, now)).toEqual({ items: [record], total: 1 })
      expect(await store.search({ ...everything, deviceId }, now)).toEqual({ items: [record], total: 1 })
    }
  })

  it('reads the database, whatever this process remembers', async () => {
    await fill([])
    const [template] = fc.sample(session, 1)
    const record = { ...template, expiresAt: now + 1, isDeleted: false, revokedAt: 0 } as SessionRecord
    await store.insert({ ...record, version: 1, lastActive: record.createdAt }, 10)
    expect(await store.find({ id: record.id })).toMatchObject({ id: record.id })
    expect((await store.search(everything, now)).total).toBe(1)
    await under.database.run((db) => db.update(sessions).set({ userAgent: 'another' }))
    expect((await store.search(everything, now)).items[0]?.userAgent).toBe('another')
    await under.empty()
    expect(await store.search(everything, now)).toEqual({ items: [], total: 0 })
  })
})
