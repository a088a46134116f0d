import { type Clock, monotonicClock } from '@honoscope/core'

/** Measures from when it was made. */
export interface Timer {
  /** Whole milliseconds since the timer was made, never negative. */
  elapsedMs(): number
}

/** Returns a timer that runs. `clock` gives monotonic milliseconds; default: the platform's. */
export function newTimer(clock: Clock = monotonicClock): Timer {
  // Handed to something like `map` it is given what is no clock, and it may not throw.
  const now = (): number => {
    try {
      const ms: unknown = typeof clock === 'function' ? clock() : monotonicClock()
      return typeof ms === 'number' ? ms : Number.NaN
    } catch {
      return Number.NaN
    }
  }
  const startedAt = now()
  return { elapsedMs: () => Math.max(0, Math.floor(now() - startedAt)) || 0 }
}
