import { describe, expect, it } from 'vitest'
import { newRecord } from '../domain/new-record.ts'
import type { SessionRecord } from '../domain/session.ts'
import type { SessionStore } from '../domain/session-store.ts'
import { withMemory } from './memory.ts'

const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'test' }
const recordOf = (n: number, userId = 'ada'): SessionRecord =>
  newRecord(`tmss-${n}`, { userId }, caller, `tmth_${n}`, 60, 1_000)

/** A store of one slow read: `find` answers with what there was when it was asked, once it is let go. */
function slowStore(rows: Map<string, SessionRecord>) {
  const log: string[] = []
  const waiting: (() => void)[] = []
  const revoked = (record: SessionRecord): SessionRecord => ({ ...record, isDeleted: true, revokedAt: 2_000 })
  const store: Partial<SessionStore> = {
    async find(key) {
      const row = [...rows.values()].find((each) =>
        'id' in key ? each.id === key.id : each.tokenHash === key.tokenHash,
      )
      log.push('find')
      if (slow.on) await new Promise<void>((resolve) => waiting.push(resolve))
      return row
    },
    async revoke(id) {
      const row = rows.get(id)
      if (!row) return undefined
      rows.set(id, revoked(row))
      return rows.get(id)
    },
    async revokeAllOf(userId) {
      for (const row of rows.values()) if (row.userId === userId) rows.set(row.id, revoked(row))
      return { active: 1, revoked: 1 }
    },
  }
  const slow = { on: false, release: () => waiting.splice(0).forEach((resolve) => void resolve()) }
  return { store: store as SessionStore, log, slow }
}

describe('the memory in front of the embedded database', () => {
  const setUp = (count: number, capacity?: number) => {
    const rows = new Map(Array.from({ length: count }, (_, n) => [`tmss-${n}`, recordOf(n)]))
    const { store, log, slow } = slowStore(rows)
    return { memory: withMemory(store, capacity), log, slow }
  }

  it('asks once, by either key', async () => {
    const { memory, log } = setUp(1)
    expect(await memory.find({ tokenHash: 'tmth_0' })).toEqual(recordOf(0))
    expect(await memory.find({ id: 'tmss-0' })).toEqual(recordOf(0))
    expect(await memory.find({ tokenHash: 'tmth_0' })).toEqual(recordOf(0))
    expect(log).toEqual(['find'])
  })

  it('asks again for what it does not know', async () => {
    const { memory, log } = setUp(0)
    await memory.find({ id: 'tmss-7' })
    await memory.find({ id: 'tmss-7' })
    expect(log).toHaveLength(2)
  })

  it('keeps what was used last, and no more than its capacity', async () => {
    const { memory, log } = setUp(3, 2)
    for (const id of ['tmss-0', 'tmss-1', 'tmss-0', 'tmss-2']) await memory.find({ id })
    expect(log).toHaveLength(3)
    await memory.find({ id: 'tmss-0' })
    expect(log).toHaveLength(3)
    await memory.find({ id: 'tmss-1' })
    expect(log).toHaveLength(4)
  })

  it.each([
    ['one', (memory: SessionStore) => memory.revoke('tmss-0', 2_000)],
    ['all', (memory: SessionStore) => memory.revokeAllOf('ada', 2_000, 1_000)],
  ])('is not talked out of a revoke of %s by a read that began before', async (_, revoke) => {
    const { memory, slow } = setUp(1)
    slow.on = true
    const early = memory.find({ id: 'tmss-0' })
    await revoke(memory)
    slow.on = false
    slow.release()
    await early
    expect((await memory.find({ tokenHash: 'tmth_0' }))?.revokedAt).toBe(2_000)
  })
})
