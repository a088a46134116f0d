import { expect, it } from 'vitest'
import type { SendResult } from './exporter.ts'
import { createBackoff } from './exporter-backoff.ts'

const failed = (retryAfterMs?: number): SendResult => ({
  ok: false,
  reason: 'unavailable',
  retry: true,
  retryAfterMs,
  detail: '',
})

function backoffAt(random: number) {
  let now = 0
  const backoff = createBackoff({ clock: () => now, random: () => random })
  const after = (result: SendResult): number => {
    backoff.note(result)
    return backoff.waitMs()
  }
  return { after, backoff, pass: (ms: number) => (now += ms) }
}

it('doubles from one second to thirty, of which half is left to chance', () => {
  const longest = backoffAt(1)
  expect([1, 2, 3, 4, 5, 6, 7].map(() => longest.after(failed()))).toEqual([
    1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
  ])
  const shortest = backoffAt(0)
  expect([1, 2, 3].map(() => shortest.after(failed()))).toEqual([500, 1000, 2000])
})

it('takes the receiver at its word, for five minutes at most', () => {
  const { after } = backoffAt(1)
  expect(after(failed(0))).toBe(0)
  expect(after(failed(7000))).toBe(7000)
  expect(after(failed(86_400_000))).toBe(300_000)
})

it('runs out with time, and is over with a success or a refusal for good', () => {
  const { after, backoff, pass } = backoffAt(1)
  after(failed())
  after(failed())
  pass(1500)
  expect(backoff.waitMs()).toBe(500)
  expect(after({ ok: true, rejected: 0 })).toBe(0)
  expect(after(failed())).toBe(1000)
  expect(after({ ok: false, reason: 'rejected', retry: false, detail: '' })).toBe(0)
})
