import { expect, it } from 'vitest'
import { createDatabaseClock } from './database-clock.ts'

it('tells whole milliseconds, by the shortest of the last round trips and the monotonic clock', () => {
  const clock = { at: 1_000.25, monotonic: () => clock.at, wall: () => 42 }
  const database = createDatabaseClock(clock)
  expect(database.now()).toBe(42)
  // It looked at its clock in the middle: 5,000.5 at 1,001.25.
  database.take(5_000.5, 1_000.25, 1_002.25)
  clock.at = 1_001.25
  expect(database.now()).toBe(5_000)
  clock.at = 1_101.75
  expect(database.now()).toBe(5_101)
  // A longer one says less.
  database.take(9_000, 1_100, 1_200)
  expect(database.now()).toBe(5_101)
  // Of another database what it says next counts alone.
  database.forget()
  database.take(9_000, 1_101.25, 1_102.25)
  expect(database.now()).toBe(9_000)
})
