import { expect, it } from 'vitest'
import { alertOf, describeStore, start, take } from '../testing/store-contract.ts'
import { memoryStore } from './memory.ts'

describeStore('memoryStore()', async () => {
  let store = memoryStore()
  return {
    get store() {
      return store
    },
    get other() {
      return store
    },
    async clear() {
      store = memoryStore()
    },
    async close() {},
  }
})

it('memoryStore() refuses what it has no room for, and forgets the oldest of the rest', async () => {
  expect(() => memoryStore({ maxWaiting: 0 })).toThrow('memoryStore: maxWaiting')
  const store = memoryStore({ maxWaiting: 2, maxDeadLetters: 1, maxIncidents: 2, maxRemediations: 1 })
  const three = ['a', 'b', 'c'].map((name) => alertOf(name))
  const full = take(store, three, { alertsPerMessage: 1 })
  await expect(full).rejects.toMatchObject({ code: 'HONOSCOPE_ALERT_STORE_FULL' })
  expect((await take(store, three, { remediations: ['fix'] })).verdicts).toEqual(['new', 'new', 'new'])
  // `a` was forgotten, and is told once more.
  expect((await take(store, three.slice(0, 2))).verdicts).toEqual(['new', 'duplicate'])
  for (const one of await store.claim('pager', start, 1_000, 2)) {
    await store.settle(one, { kind: 'dead', error: '' }, start)
  }
  expect(await store.backlog()).toMatchObject({ waiting: 0, dead: 1 })
})
