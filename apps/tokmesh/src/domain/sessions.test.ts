import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../store/database.ts'
import { createSessionStore } from '../store/sessions.ts'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import { hashToken, newToken } from './ids.ts'
import type { Caller, SessionLimits, Sessions } from './session.ts'
import type { SessionStore } from './session-store.ts'
import { createSessions } from './sessions.ts'

const limits: SessionLimits = { ttlDefault: 7_200, ttlMax: 2_592_000, maxPerUser: 50, tombstoneTtlMs: 86_400_000 }
const caller: Caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'first/1' }
const other: Caller = { keyId: 'tmak-01hv3q4k7d0000000000000001', ip: '2001:db8::9', userAgent: 'second/2' }
const unknownId = 'tmss-01hv3q4k7d0000000000000000'

for (const kind of databaseKinds) {
  describe(`sessions on ${kind}`, () => {
    let under: DatabaseUnderTest
    let store: SessionStore
    let now = 0
    const clock = () => now
    const events: string[] = []
    const build = (changes: Partial<SessionLimits> = {}): Sessions =>
      createSessions({
        store,
        clock,
        limits: { ...limits, ...changes },
        hooks: {
          onQuotaExceeded: () => events.push('quota'),
          onVersionConflict: (method) => events.push(`conflict ${method}`),
          onRevoked: (lag) => events.push(`revoked ${lag}`),
        },
      })
    let sessions: Sessions

    beforeAll(async () => {
      under = await openTestDatabase(kind)
      store = createSessionStore(under.database)
    }, 60_000)
    afterAll(() => under.close())
    beforeEach(async () => {
      await under.empty()
      now = 1_800_000_000_000
      events.length = 0
      sessions = build()
    })

    it('A01 A03 A07 A12 creates a session with all 17 fields and a generated token', async () => {
      const data = { 'role "x"': 'é😀', '': 'empty key', __proto__x: '1' }
      const { session, token } = await sessions.create({ userId: 'ada', deviceId: 'd1', ttlSeconds: 60, data }, caller)
      expect(session.id).toMatch(/^tmss-[0-7][0-9a-hjkmnp-tv-z]{25}$/)
      expect(token).toMatch(/^tmtk_[A-Za-z0-9_-]{43}$/)
      const stored = await store.find({ id: session.id })
      expect(stored).toEqual({
        id: session.id,
        userId: 'ada',
        tokenHash: hashToken(token),
        ipAddress: '192.0.2.7',
        userAgent: 'first/1',
        lastAccessIp: '192.0.2.7',
        lastAccessUa: 'first/1',
        deviceId: 'd1',
        createdBy: caller.keyId,
        createdAt: now,
        expiresAt: now + 60_000,
        lastActive: now,
        data,
        version: 1,
        shardId: expect.any(Number),
        ttl: 60,
        isDeleted: false,
        revokedAt: 0,
      })
      expect(session).toEqual(stored as typeof session)
    })

    it('fills absent fields and takes the default ttl', async () => {
      const { session } = await sessions.create({ userId: 'ada' }, { ...caller, userAgent: '' })
      expect(await sessions.get(session.id)).toMatchObject({
        deviceId: '',
        userAgent: '',
        data: {},
        ttl: 7_200,
        expiresAt: now + 7_200_000,
      })
    })

    it('A13 A14 takes the caller’s token, answers it unchanged and keeps only its hash', async () => {
      const token = newToken()
      const created = await sessions.create({ userId: 'ada', token }, caller)
      expect(created.token).toBe(token)
      expect(JSON.stringify(await store.find({ id: created.session.id }))).not.toContain(token.slice(5))
    })

    it('A11 lets exactly one of 20 creates with one token through', async () => {
      const token = newToken()
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => sessions.create({ userId: `user ${i}`, token }, caller)),
      )
      expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
      expect(codesOf(results)).toEqual(new Array(19).fill('TM-TOKN-4090'))
    })

    it('keeps the token of a tombstone bound until the tombstone is removed', async () => {
      const { session, token } = await sessions.create({ userId: 'ada', ttlSeconds: 1 }, caller)
      await sessions.revoke(session.id)
      now += 2_000
      await expect(sessions.create({ userId: 'eve', token }, caller)).rejects.toMatchObject({ code: 'TM-TOKN-4090' })
      expect(await store.removeTombstones(now, 10)).toBe(1)
      await sessions.create({ userId: 'eve', token }, caller)
    })

    it('A10 refuses the 51st active session of a user, before it looks at conflicts', async () => {
      let token = ''
      for (let i = 0; i < 50; i++) token = (await sessions.create({ userId: 'ada' }, caller)).token
      for (const input of [{ userId: 'ada' }, { userId: 'ada', token }]) {
        await expect(sessions.create(input, caller)).rejects.toMatchObject({
          code: 'TM-SESS-4002',
          details: { limit: 50, count: 50 },
        })
      }
      expect(events).toEqual(['quota', 'quota'])
      await sessions.create({ userId: 'bob' }, caller)
    })

    it('counts only active sessions for the quota, swept or not', async () => {
      const small = build({ maxPerUser: 2 })
      const first = await small.create({ userId: 'ada', ttlSeconds: 1 }, caller)
      await small.create({ userId: 'ada', ttlSeconds: 60 }, caller)
      now += 1_000
      const third = await small.create({ userId: 'ada' }, caller)
      await expect(small.create({ userId: 'ada' }, caller)).rejects.toMatchObject({ code: 'TM-SESS-4002' })
      await small.revoke(third.session.id)
      await small.create({ userId: 'ada' }, caller)
      await expect(small.get(first.session.id)).rejects.toMatchObject({ code: 'TM-SESS-4041' })
    })

    it('never overshoots the quota under 100 parallel creates', async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 100 }, () => sessions.create({ userId: 'ada' }, caller)),
      )
      expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(50)
      expect(codesOf(results)).toEqual(new Array(50).fill('TM-SESS-4002'))
      expect(await store.counts(now)).toEqual({ active: 50, kept: 50 })
    })

    it('refuses what breaks a rule before it asks the database', async () => {
      await expect(sessions.create({ userId: '' }, caller)).rejects.toMatchObject({ code: 'TM-ARG-1002' })
      // A82
      await expect(sessions.create({ userId: 'a', ttlSeconds: 2_592_001 }, caller)).rejects.toMatchObject({
        code: 'TM-SESS-4001',
      })
      expect(await store.counts(now)).toEqual({ active: 0, kept: 0 })
    })

    it('cuts the user agent at 512 code points', async () => {
      const { session } = await sessions.create({ userId: 'ada' }, { ...caller, userAgent: 'x'.repeat(4_000) })
      expect((await sessions.get(session.id)).userAgent).toHaveLength(512)
    })

    it('A15 A40 A73 reads and validates without a trace', async () => {
      const { session, token } = await sessions.create({ userId: 'ada' }, caller)
      now += 5_000
      expect(await sessions.get(session.id)).toEqual(session)
      expect((await sessions.validate(token)).session).toEqual(session)
      expect(await store.find({ id: session.id })).toEqual(session)
    })

    it('A16 tells an unknown token from one that is none', async () => {
      await expect(sessions.validate(newToken())).rejects.toMatchObject({ code: 'TM-TOKN-4010' })
      await expect(sessions.validate('tmtk_short')).rejects.toMatchObject({ code: 'TM-TOKN-4000' })
    })

    it('A17 A26 says expired from the very millisecond of the expiry', async () => {
      const { session, token } = await sessions.create({ userId: 'ada', ttlSeconds: 1 }, caller)
      now += 999
      await sessions.validate(token)
      now += 1
      await expect(sessions.validate(token)).rejects.toMatchObject({ code: 'TM-TOKN-4011' })
      await expect(sessions.validate(token, other)).rejects.toMatchObject({ code: 'TM-TOKN-4011' })
      now += 500
      await expect(sessions.validate(token)).rejects.toMatchObject({ code: 'TM-TOKN-4011' })
      await expect(sessions.touch(session.id)).rejects.toMatchObject({ code: 'TM-SESS-4041' })
    })

    it('A18 validates with touch: last access, version, and nothing else', async () => {
      const { session, token } = await sessions.create({ userId: 'ada' }, caller)
      now += 1_000
      const { session: touched } = await sessions.validate(token, other)
      expect(touched).toEqual({
        ...session,
        lastActive: now,
        lastAccessIp: '2001:db8::9',
        lastAccessUa: 'second/2',
        version: 2,
      })
      expect(await sessions.get(session.id)).toEqual(touched)
      // The clock steps back: the version counts on, the time stays.
      now -= 500
      expect((await sessions.validate(token, other)).session).toEqual({ ...touched, version: 3 })
    })

    it('A19 A20 renews from now, not from the old expiry, and changes nothing else', async () => {
      const { session } = await sessions.create({ userId: 'ada', ttlSeconds: 3_600 }, caller)
      now += 10_000
      const renewed = await sessions.renew(session.id, 60)
      expect(renewed).toEqual({ ...session, expiresAt: now + 60_000, lastActive: now, ttl: 60, version: 2 })
      expect(await sessions.get(session.id)).toEqual(renewed)
    })

    it('A21 does not revive an expired session', async () => {
      const { session } = await sessions.create({ userId: 'ada', ttlSeconds: 1 }, caller)
      now += 1_000
      await expect(sessions.renew(session.id, 60)).rejects.toMatchObject({ code: 'TM-SESS-4041' })
      await expect(sessions.get(session.id)).rejects.toMatchObject({ code: 'TM-SESS-4041' })
    })

    it('refuses a ttl of a renew as that of a create', async () => {
      const { session } = await sessions.create({ userId: 'ada' }, caller)
      await expect(sessions.renew(session.id, 0)).rejects.toMatchObject({ code: 'TM-ARG-1001' })
      await expect(sessions.renew(session.id, 2_592_001)).rejects.toMatchObject({ code: 'TM-SESS-4001' })
    })

    it('A22 A23 A50 revokes for good, twice as well as once', async () => {
      const { session, token } = await sessions.create({ userId: 'ada' }, caller)
      now += 1_000
      expect(await sessions.revoke(session.id)).toEqual({ ...session, isDeleted: true, revokedAt: now })
      expect(await sessions.revoke(session.id)).toBeUndefined()
      expect(await sessions.revoke(unknownId)).toBeUndefined()
      await expect(sessions.get(session.id)).rejects.toMatchObject({ code: 'TM-SESS-4040' })
      await expect(sessions.touch(session.id)).rejects.toMatchObject({ code: 'TM-SESS-4040' })
      await expect(sessions.renew(session.id, 60)).rejects.toMatchObject({ code: 'TM-SESS-4040' })
      await expect(sessions.validate(token)).rejects.toMatchObject({ code: 'TM-TOKN-4012' })
      await expect(sessions.validate(token, other)).rejects.toMatchObject({ code: 'TM-TOKN-4012' })
      expect(events).toEqual(['revoked 0'])
      // The tombstone is complete.
      expect(await store.find({ id: session.id })).toEqual({ ...session, isDeleted: true, revokedAt: now })
    })

    it('A41 touches without ever going back', async () => {
      const { session } = await sessions.create({ userId: 'ada' }, caller)
      now += 1_000
      const touched = await sessions.touch(session.id)
      expect(touched).toEqual({ ...session, lastActive: now, version: 2 })
      expect(await sessions.touch(session.id)).toEqual(touched)
      now -= 900
      expect(await sessions.touch(session.id)).toEqual(touched)
      const together = await Promise.all(
        Array.from({ length: 30 }, () => {
          now += 100
          return sessions.touch(session.id)
        }),
      )
      for (const each of together) expect(each.lastActive).toBeGreaterThanOrEqual(touched.lastActive)
      expect((await sessions.get(session.id)).lastActive).toBe(now)
    })

    it('A52 knows no unknown id', async () => {
      await expect(sessions.get(unknownId)).rejects.toMatchObject({ code: 'TM-SESS-4040' })
      await expect(sessions.touch(unknownId)).rejects.toMatchObject({ code: 'TM-SESS-4040' })
      await expect(sessions.renew(unknownId, 60)).rejects.toMatchObject({ code: 'TM-SESS-4040' })
    })

    it('A74 lets more than 90 of 100 parallel renews through', async () => {
      const { session } = await sessions.create({ userId: 'ada' }, caller)
      const results = await Promise.allSettled(
        Array.from({ length: 100 }, (_, i) => sessions.renew(session.id, 100 + i)),
      )
      const renewed = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value.version] : []))
      expect(renewed.length).toBeGreaterThan(90)
      expect(codesOf(results)).toEqual(new Array(100 - renewed.length).fill('TM-SESS-4091'))
      // Every success is a change of its own: none was lost.
      expect(new Set(renewed).size).toBe(renewed.length)
      expect((await sessions.get(session.id)).version).toBe(1 + renewed.length)
    })

    it('A81 lets expiry win over revocation, and forgets removed tombstones', async () => {
      const { session, token } = await sessions.create({ userId: 'ada', ttlSeconds: 10 }, caller)
      await sessions.revoke(session.id)
      now += 10_000
      await expect(sessions.get(session.id)).rejects.toMatchObject({ code: 'TM-SESS-4041' })
      await expect(sessions.validate(token)).rejects.toMatchObject({ code: 'TM-TOKN-4011' })
      await store.removeTombstones(now, 10)
      await expect(sessions.get(session.id)).rejects.toMatchObject({ code: 'TM-SESS-4040' })
      await expect(sessions.validate(token)).rejects.toMatchObject({ code: 'TM-TOKN-4010' })
    })

    it('revokes the active sessions of a user, and only those', async () => {
      const short = await sessions.create({ userId: 'ada', ttlSeconds: 1 }, caller)
      for (let i = 0; i < 3; i++) await sessions.create({ userId: 'ada' }, caller)
      const bob = await sessions.create({ userId: 'bob' }, caller)
      now += 1_000
      expect(await sessions.revokeAllOf('ada')).toBe(3)
      expect(await sessions.revokeAllOf('ada')).toBe(0)
      expect(await sessions.revokeAllOf('nobody')).toBe(0)
      await sessions.get(bob.session.id)
      expect((await store.find({ id: short.session.id }))?.revokedAt).toBe(0)
      await expect(sessions.revokeAllOf('x'.repeat(129))).rejects.toMatchObject({ code: 'TM-SESS-4001' })
    })

    it('A39 revokes 1000 sessions at once, and none of 1001', async () => {
      const many = build({ maxPerUser: 2_000 })
      for (let i = 0; i < 50; i++) {
        await Promise.all(Array.from({ length: 20 }, () => many.create({ userId: 'ada' }, caller)))
      }
      const last = await many.create({ userId: 'ada' }, caller)
      await expect(many.revokeAllOf('ada')).rejects.toMatchObject({
        code: 'TM-SESS-4002',
        details: { limit: 1000, count: 1001 },
      })
      expect((await store.counts(now)).active).toBe(1001)
      await many.revoke(last.session.id)
      expect(await many.revokeAllOf('ada')).toBe(1000)
      expect(await store.counts(now)).toEqual({ active: 0, kept: 0 })
    }, 60_000)
  })
}

it('the quota is strict for several nodes together', async () => {
  const under = await openTestDatabase('postgres')
  const nodes = await Promise.all([1, 2, 3].map(() => openDatabase({ url: under.url, dataDir: '' })))
  const build = (node: Database) => createSessions({ store: createSessionStore(node), limits })
  const calls = nodes
    .map(build)
    .flatMap((node) => Array.from({ length: 30 }, () => node.create({ userId: 'ada' }, caller)))
  const results = await Promise.allSettled(calls)
  expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(50)
  expect(codesOf(results)).toEqual(new Array(40).fill('TM-SESS-4002'))
  await Promise.all(nodes.map((node) => node.close()))
  await under.close()
}, 60_000)

function codesOf(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return results.flatMap((each) => (each.status === 'rejected' ? [each.reason.code ?? each.reason] : []))
}
