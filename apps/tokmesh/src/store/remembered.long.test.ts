import { expect, it } from 'vitest'
import { newRecord } from '../domain/new-record.ts'
import { slowRows } from '../testing/slow-rows.ts'
import { remembered } from './remembered.ts'

const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'test' }

it('what a node remembers takes no more memory for a million sessions than for its bound', async () => {
  const maxBytes = 4 * 1024 * 1024
  const session0 = newRecord('tmss-0', { userId: 'ada' }, caller, 'tmth_0', 60, 1_000)
  const { rows } = slowRows([], () => 0)
  const find = async (key: object) => ({ ...session0, ...key, tokenHash: `tmth_${'id' in key ? key.id : ''}` })
  const store = remembered({ ...rows, find }, { freshness: { asOf: () => 0, now: () => 0 }, maxBytes })
  const look = async (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      const one = `tmss-${String(n).padStart(7, '0')}`
      await store.find({ id: one })
      if (n % 7 === 0) store.forget([one])
    }
  }
  await look(0, 50_000)
  const { sessions } = store.stats()
  const before = process.memoryUsage().heapUsed
  await look(50_000, 1_000_000)
  expect(Math.abs(store.stats().sessions - sessions)).toBeLessThan(2)
  expect(store.stats().bytes).toBeLessThanOrEqual(maxBytes)
  // What waits for the collector counts; a list of what was asked for would be far more.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(150 * 1024 * 1024)
}, 300_000)
