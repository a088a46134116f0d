import { describe, expect, it } from 'vitest'
import { DatabaseFault, isConflict, toTokMeshError } from '../store/faults.ts'
import { newRecord } from './new-record.ts'
import type { Caller, SessionRecord } from './session.ts'
import type { SessionStore } from './session-store.ts'
import { createSessions, type SessionHooks } from './sessions.ts'

const limits = { ttlDefault: 7_200, ttlMax: 2_592_000, maxPerUser: 50, tombstoneTtlMs: 86_400_000 }
const caller: Caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'test' }
const record: SessionRecord = newRecord('tmss-x', { userId: 'ada' }, caller, 'tmth_x', 60, Date.now())

const refused = () => Promise.reject(new Error('this call was not expected'))
const fault = (code: string) => () => Promise.reject(toTokMeshError(new DatabaseFault(code)))

/** A store in which only the given methods may be called. */
const storeWith = (methods: Partial<SessionStore>): SessionStore => ({
  insert: refused,
  find: refused,
  touch: refused,
  see: refused,
  access: refused,
  renew: refused,
  revoke: refused,
  revokeAllOf: refused,
  sweep: refused,
  removeTombstones: refused,
  nextDue: refused,
  counts: refused,
  search: refused,
  isConflict,
  ...methods,
})

const build = (methods: Partial<SessionStore>, hooks: SessionHooks = {}) => {
  const pauses: number[] = []
  const wait = async (ms: number) => void pauses.push(ms)
  return { pauses, sessions: createSessions({ store: storeWith(methods), limits, wait, hooks }) }
}

describe('when others write at the same time', () => {
  it.each(['40001', '40P01', '55P03'])(
    'renew tries three times on %s, 1 to 3 ms apart, then says TM-SESS-4091',
    async (code) => {
      const conflicts: string[] = []
      let calls = 0
      const renew = () => {
        calls += 1
        return fault(code)()
      }
      const { sessions, pauses } = build({ renew }, { onVersionConflict: (method) => conflicts.push(method) })
      await expect(sessions.renew('tmss-x', 60)).rejects.toMatchObject({ code: 'TM-SESS-4091' })
      expect(calls).toBe(3)
      expect(pauses).toEqual([1, 2])
      expect(conflicts).toEqual(['renew', 'renew', 'renew'])
    },
  )

  it('renew succeeds at the third attempt', async () => {
    let calls = 0
    const { sessions } = build({ renew: () => (++calls < 3 ? fault('55P03')() : Promise.resolve(record)) })
    expect(await sessions.renew('tmss-x', 60)).toBe(record)
  })

  it('renew does not try again what was no conflict', async () => {
    const { sessions, pauses } = build({ renew: fault('53100') })
    await expect(sessions.renew('tmss-x', 60)).rejects.toMatchObject({ code: 'TM-SYS-5001' })
    expect(pauses).toEqual([])
  })

  it('touch is never a conflict', async () => {
    const { sessions } = build({ touch: fault('55P03'), find: async () => record })
    expect(await sessions.touch('tmss-x')).toBe(record)
  })

  it('a touch that cannot be stored for another reason fails, as every write does', async () => {
    const { sessions } = build({ touch: fault('53100'), find: async () => record })
    await expect(sessions.touch('tmss-x')).rejects.toMatchObject({ code: 'TM-SYS-5001' })
  })

  it('a taken session id is made anew three times, then says TM-SESS-4090', async () => {
    const ids = new Set<string>()
    const insert = async (session: SessionRecord) => {
      ids.add(session.id)
      return { outcome: 'id_taken' as const }
    }
    await expect(build({ insert }).sessions.create({ userId: 'ada' }, caller)).rejects.toMatchObject({
      code: 'TM-SESS-4090',
    })
    expect(ids.size).toBe(4)
  })
})
