import type { Clock } from './clock.ts'

/** The database's clock as it is known from here. */
export interface DatabaseClock {
  /** Unix ms, an integer; by this machine's own clock as long as nothing better is known. */
  now(): number
  /** Takes what the database said between two moments of the monotonic clock. */
  take(databaseMs: number, sentAt: number, receivedAt: number): void
  /** It may be another database from now on: what it says next counts alone. */
  forget(): void
}

/** Answers that are compared: a few seconds' worth of confirmations. */
const kept = 16

/**
 * Returns a clock that takes the database to have looked at its own in the middle of a round trip: with the shortest
 * of the last ones it is wrong by half of that at most.
 */
export function createDatabaseClock(clock: Clock): DatabaseClock {
  const samples: { readonly offset: number; readonly tripMs: number }[] = []
  let offset: number | undefined
  return {
    now: () => Math.floor(offset === undefined ? clock.wall() : clock.monotonic() + offset),
    take(databaseMs, sentAt, receivedAt) {
      samples.push({ offset: databaseMs - (sentAt + receivedAt) / 2, tripMs: receivedAt - sentAt })
      if (samples.length > kept) samples.shift()
      offset = samples.reduce((best, each) => (each.tripMs <= best.tripMs ? each : best)).offset
    },
    forget() {
      samples.length = 0
    },
  }
}
