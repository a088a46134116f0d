/** A wall clock and a monotonic one that move only when told to. */
export interface FakeTime {
  /** Unix ms. */
  readonly clock: () => number
  /** Milliseconds. */
  readonly monotonic: () => number
  /** Time goes by on both. */
  pass(ms: number): void
  /** Somebody sets the wall clock: only that one moves, forth or back. */
  step(ms: number): void
}

/** Starts on 2026-01-01 at midnight, UTC. */
export function fakeTime(): FakeTime {
  let wall = Date.UTC(2026, 0, 1)
  let monotonic = 5000
  return {
    clock: () => wall,
    monotonic: () => monotonic,
    pass: (ms) => {
      wall += ms
      monotonic += ms
    },
    step: (ms) => {
      wall += ms
    },
  }
}
