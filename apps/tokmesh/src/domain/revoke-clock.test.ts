import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSessionStore } from '../store/sessions.ts'
import { type DatabaseUnderTest, openTestDatabase } from '../testing/databases.ts'
import { createSessions } from './sessions.ts'

const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: '' }
const limits = { ttlDefault: 600, ttlMax: 600, maxPerUser: 50, tombstoneTtlMs: 60_000 }
const hour = 3_600_000

let under: DatabaseUnderTest
beforeAll(async () => {
  under = await openTestDatabase('postgres')
}, 60_000)
afterAll(() => under.close())

it.each([
  ['ahead by an hour', hour],
  ['behind by an hour', -hour],
])('a revoke at a node whose clock is %s holds at all others', async (_, offset) => {
  let waits = 0
  const store = createSessionStore(under.database)
  const right = createSessions({ store, limits })
  const wrong = createSessions({
    ...{ store, limits, clock: () => Date.now() + offset, databaseClock: Date.now },
    confirm: async () => {
      waits += 1
    },
  })
  const make = () => right.create({ userId: 'ada' }, caller)
  const [one, ...others] = [await make(), await make(), await make()]
  expect(await wrong.revoke(one.session.id, { sync: true })).toBeDefined()
  expect(await wrong.revoke(one.session.id, { sync: true })).toBeUndefined()
  expect(waits).toBe(2)
  expect(await wrong.revokeAllOf('ada')).toBe(2)
  for (const { token } of [one, ...others])
    await expect(right.validate(token)).rejects.toMatchObject({ code: 'TM-TOKN-4012' })
})
