import { expect, it } from 'vitest'
import { TokMeshError } from './errors.ts'
import { createGc } from './gc.ts'

const code = (failing: Promise<unknown>) =>
  failing.then(
    () => 'OK',
    (error) => (error as TokMeshError).code,
  )

function setUp(more: Partial<Parameters<typeof createGc>[0]> = {}) {
  const state = { now: 1_000_000, monotonic: 0, expired: 2_500, due: 1_200, removedBy: 0 }
  const take = (from: 'expired' | 'due', limit: number) => {
    const found = Math.min(limit, state[from])
    state[from] -= found
    return Promise.resolve(found)
  }
  const gc = createGc({
    store: {
      sweep: (_now, sample) => take('expired', sample),
      removeTombstones: (endedBy, limit) => {
        state.removedBy = endedBy
        return take('due', limit)
      },
    },
    tombstoneTtlMs: 60_000,
    freeMemory: () => 4096,
    clock: () => state.now,
    monotonic: () => state.monotonic,
    ...more,
  })
  return { gc, state }
}

it('goes on until nothing that has expired or is due is left', async () => {
  const { gc, state } = setUp()
  expect(await gc('expired_sessions')).toMatchObject({ cleaned: 2_500, freedBytes: undefined })
  expect(state).toMatchObject({ expired: 0, due: 0, removedBy: 940_000 })
})

it('touches no session for memory alone', async () => {
  const { gc, state } = setUp()
  expect(await gc('memory')).toMatchObject({ cleaned: 0, freedBytes: 4096 })
  expect(state).toMatchObject({ expired: 2_500, due: 1_200 })
})

it('runs once a minute for each type, and says what is left', async () => {
  const { gc, state } = setUp()
  await gc('all')
  expect(await code(gc('memory'))).toBe('OK')
  state.monotonic += 59_001
  // A clock that is set back an hour does not make it an hour.
  state.now -= 3_600_000
  await expect(gc('all')).rejects.toMatchObject({ code: 'TM-ADMIN-4291', details: { retry_after_seconds: 1 } })
  state.monotonic += 999
  expect(await code(gc('all'))).toBe('OK')
})

it('does not count one that failed, and tells a fault of the database from others', async () => {
  const fault = new TokMeshError('TM-SYS-5001', 'disk full')
  const { gc } = setUp({ store: { sweep: () => Promise.reject(fault), removeTombstones: async () => 0 } })
  expect(await code(gc('all'))).toBe('TM-SYS-5001')
  expect(await code(gc('all'))).toBe('TM-SYS-5001')
  const broken = setUp({
    freeMemory: () => {
      throw new Error('no collector')
    },
  })
  expect(await code(broken.gc('memory'))).toBe('TM-ADMIN-5001')
})
