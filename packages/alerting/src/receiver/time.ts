/** Where time comes from. Tests pass their own. */
export interface Time {
  /** Unix milliseconds. */
  readonly now: () => number
  /** Calls `run` once after `delayMs` and returns a function that prevents it. */
  readonly timer: (run: () => void, delayMs: number) => () => void
}

/** The time of the platform. */
export const systemTime: Time = {
  now: () => Date.now(),
  timer: (run, delayMs) => {
    const handle = setTimeout(run, delayMs)
    return () => clearTimeout(handle)
  },
}
