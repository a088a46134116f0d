/** The two clocks of a process. */
export interface Clock {
  /** Milliseconds since some moment. It never jumps, and may stand still while the machine sleeps. */
  readonly monotonic: () => number
  /** Unix ms, as the machine was told: it may be wrong, and jump. */
  readonly wall: () => number
}

/** This machine's. */
export const systemClock: Clock = { monotonic: () => performance.now(), wall: () => Date.now() }
