import { expect, it } from 'vitest'
import { createUlid } from './index.ts'

const pattern = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/

it('makes 26 lower-case Crockford characters that begin with the time', () => {
  expect(createUlid()()).toMatch(pattern)
  // The example of the ULID specification: 1469918176385 is 01ARYZ6S41.
  expect(createUlid({ clock: () => 1_469_918_176_385 })().slice(0, 10)).toBe('01aryz6s41')
  expect(createUlid({ clock: () => 2 ** 48 - 1 })().slice(0, 10)).toBe('7zzzzzzzzz')
})

it('strictly increases in a burst within one millisecond', () => {
  const ulid = createUlid({ clock: () => 1_750_000_000_000 })
  const ids = Array.from({ length: 20_000 }, ulid)
  expect(ids.every((id, n) => pattern.test(id) && (n === 0 || id > (ids[n - 1] ?? '')))).toBe(true)
})

it('strictly increases when the clock steps back', () => {
  let now = 1_750_000_000_000
  const ulid = createUlid({ clock: () => now })
  const before = ulid()
  now -= 3_600_000
  expect(ulid() > before).toBe(true)
})

it('borrows the next millisecond when the random part runs over', () => {
  let bytes = 0xff
  const ulid = createUlid({ clock: () => 1_469_918_176_385, random: (array) => array.fill(bytes) })
  expect(ulid()).toBe('01aryz6s41zzzzzzzzzzzzzzzz')
  bytes = 0
  expect(ulid()).toBe('01aryz6s420000000000000000')
})

it('takes its random bits from the source', () => {
  const first = createUlid({ clock: () => 0 })
  const second = createUlid({ clock: () => 0 })
  expect(first()).not.toBe(second())
})
