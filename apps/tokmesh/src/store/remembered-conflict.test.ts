import { expect, it } from 'vitest'
import { alwaysFresh } from '../cluster/freshness.ts'
import { newRecord } from '../domain/new-record.ts'
import { slowRows } from '../testing/slow-rows.ts'
import { DatabaseFault, toTokMeshError } from './faults.ts'
import { remembered } from './remembered.ts'

const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'test' }
const session = newRecord('tmss-0', { userId: 'ada' }, caller, 'tmth_0', 60, 1_000)

it.each([
  // The server has taken it back.
  ['55P03', 1],
  ['40P01', 1],
  // It may be done later all the same, to whichever sessions.
  ['DEADLINE', 0],
])('a bulk revoke that fails with %s leaves %i session remembered', async (code, sessions) => {
  const rows = {
    ...slowRows([], () => 1_000).rows,
    find: async () => session,
    revokeAllOf: () => Promise.reject(toTokMeshError(new DatabaseFault(code))),
  }
  const store = remembered(rows, { freshness: alwaysFresh })
  await store.find({ id: session.id })
  await expect(store.revokeAllOf('bob', 2_000, 1_000)).rejects.toThrow()
  expect(store.stats().sessions).toBe(sessions)
  await store.close()
})
