import { expect, it } from 'vitest'
import { createAntiReplay } from './anti-replay.ts'

const make = (more: Partial<Parameters<typeof createAntiReplay>[0]> = {}) => {
  const clock = { now: 1_000_000 }
  const defaults = { required: false, windowMs: 30_000, nonceTtlMs: 60_000, maxNonces: 3 }
  const check = createAntiReplay({ ...defaults, now: () => clock.now, ...more })
  const send = (nonce: string, timestamp = String(clock.now)) => {
    try {
      check('key', { timestamp, nonce })
      return 'OK'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  return { clock, send }
}

it('refuses a nonce until its time is over', () => {
  const { clock, send } = make()
  expect(send('a')).toBe('OK')
  clock.now += 59_999
  expect(send('a')).toBe('TM-AUTH-4015')
  clock.now += 1
  expect(send('a')).toBe('OK')
})

it('takes timestamps up to the edges of the window', () => {
  const { clock, send } = make()
  expect(send('a', String(clock.now - 30_000))).toBe('OK')
  expect(send('b', String(clock.now + 30_000))).toBe('OK')
  expect(send('c', String(clock.now - 30_001))).toBe('TM-AUTH-4014')
  expect(send('c', String(clock.now + 30_001))).toBe('TM-AUTH-4014')
})

it('remembers no more than its limit, and forgets the oldest first', () => {
  const { send } = make()
  for (const nonce of ['a', 'b', 'c', 'd']) expect(send(nonce)).toBe('OK')
  expect(['b', 'c', 'd'].map((nonce) => send(nonce))).toEqual(Array(3).fill('TM-AUTH-4015'))
  expect(send('a')).toBe('OK')
})
