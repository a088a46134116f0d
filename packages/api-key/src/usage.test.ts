import { fakeHasher, fakeTime, until } from '@honoscope/testing'
import { expect, it } from 'vitest'
import { createApiKeys, type KeyStore, type KeyUse, memoryKeyStore } from './index.ts'

const address = { client: '', peer: '' }

function recording(markUsed?: KeyStore['markUsed']): { store: KeyStore; writes: (readonly KeyUse[])[] } {
  const memory = memoryKeyStore()
  const writes: (readonly KeyUse[])[] = []
  const store: KeyStore = {
    ...memory,
    markUsed: async (uses) => {
      writes.push(uses)
      await (markUsed ?? memory.markUsed)(uses)
    },
  }
  return { store, writes }
}

it('writes the last use of all keys together, after the answer', async () => {
  const { store, writes } = recording()
  const time = fakeTime()
  const keys = createApiKeys({ store, roles: ['r'], hasher: fakeHasher(), clock: time.clock, usageIntervalMs: 20 })
  const first = await keys.create({ role: 'r' })
  const second = await keys.create({ role: 'r' })
  const idle = await keys.create({ role: 'r' })
  for (let n = 0; n < 30; n++) {
    time.pass(1)
    for (const { record, secret } of [first, second]) await keys.verify(`${record.id}:${secret}`, address)
  }
  expect(writes).toEqual([])
  await until(() => writes.length > 0)
  expect(writes[0]).toEqual([first, second].map(({ record }) => ({ id: record.id, at: time.clock() })))
  expect([(await keys.get(first.record.id))?.lastUsedAt, (await keys.get(idle.record.id))?.lastUsedAt]).toEqual([
    time.clock(),
    0,
  ])
  expect((await keys.get(first.record.id))?.version).toBe(1)
})

it('is not written for a denied request', async () => {
  const { store, writes } = recording()
  const keys = createApiKeys({ store, roles: ['r'], hasher: fakeHasher() })
  const { record } = await keys.create({ role: 'r' })
  await keys.verify(`${record.id}:tmas_${'x'.repeat(43)}`, address)
  await keys.close()
  expect(writes).toEqual([])
})

it('is flushed by close, and nothing is written after it', async () => {
  const { store, writes } = recording()
  const keys = createApiKeys({ store, roles: ['r'], hasher: fakeHasher(), usageIntervalMs: 60_000 })
  const { record, secret } = await keys.create({ role: 'r' })
  await keys.verify(`${record.id}:${secret}`, address)
  await keys.close()
  expect(writes).toHaveLength(1)
  await keys.verify(`${record.id}:${secret}`, address)
  await keys.close()
  expect(writes).toHaveLength(1)
})

it('survives a store that fails: it is reported and written with the next', async () => {
  let broken = true
  const { store, writes } = recording(async () => {
    if (broken) throw new Error('down')
  })
  const errors: unknown[] = []
  const keys = createApiKeys({
    ...{ store, roles: ['r'], hasher: fakeHasher(), usageIntervalMs: 5 },
    onError: (error) => errors.push(error),
  })
  const { record, secret } = await keys.create({ role: 'r' })
  expect((await keys.verify(`${record.id}:${secret}`, address)).ok).toBe(true)
  await until(() => errors.length > 0)
  broken = false
  const failed = writes.length
  await until(() => writes.length > failed)
  expect(writes.at(-1)).toEqual(writes[0])
  await keys.close()
})

it('does not let close hang with the store', async () => {
  const { store } = recording(() => new Promise(() => {}))
  const errors: unknown[] = []
  const keys = createApiKeys({
    ...{ store, roles: ['r'], hasher: fakeHasher(), storeTimeoutMs: 20 },
    onError: (error) => errors.push(error),
  })
  const { record, secret } = await keys.create({ role: 'r' })
  await keys.verify(`${record.id}:${secret}`, address)
  await keys.close()
  expect(errors).toMatchObject([{ code: 'KEY_STORE_TIMEOUT' }])
})

it('keeps no process alive', async () => {
  const { setTimeout: original } = globalThis
  const timers: { hasRef(): boolean }[] = []
  globalThis.setTimeout = ((run: () => void, ms: number) => {
    const timer = original(run, ms)
    if (ms === 54_321) timers.push(timer)
    return timer
  }) as typeof setTimeout
  try {
    const keys = createApiKeys({ store: memoryKeyStore(), roles: ['r'], hasher: fakeHasher(), usageIntervalMs: 54_321 })
    const { record, secret } = await keys.create({ role: 'r' })
    await keys.verify(`${record.id}:${secret}`, address)
    await keys.close()
  } finally {
    globalThis.setTimeout = original
  }
  expect(timers.map((timer) => timer.hasRef())).toEqual([false])
})
