/** Where time comes from. Tests pass their own. */
export interface Time {
  /** Monotonic milliseconds, for durations and the cache. */
  readonly clock: () => number
  /** Unix milliseconds, for timestamps. */
  readonly now: () => number
  /** Calls `run` once after `delayMs` and returns a function that prevents it. */
  readonly timer: (run: () => void, delayMs: number) => () => void
}

/** The time of the platform. */
export const systemTime: Time = {
  clock: () => performance.now(),
  now: () => Date.now(),
  timer: (run, delayMs) => {
    const handle = setTimeout(run, delayMs)
    return () => clearTimeout(handle)
  },
}
