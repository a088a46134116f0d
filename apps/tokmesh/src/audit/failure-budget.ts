/** How many failed logins are written: anybody who can reach the service can cause them, and they are kept for months. */

/** Limits of {@link createFailureBudget}. */
export interface FailureBudgetOptions {
  /** That may come at once. Default: 5,000, a quarter of the queue. */
  readonly burst?: number | undefined
  /** In the long run. Default: 50, which is 2.5 GB a day in the database. */
  readonly perSecond?: number | undefined
  /** Monotonic milliseconds. Default: `performance.now`. */
  readonly monotonic?: (() => number) | undefined
}

/**
 * Returns a function that tells of one more failure how many before it were left out since the last that was not;
 * `undefined` when this one is to be left out too.
 */
export function createFailureBudget(options: FailureBudgetOptions = {}): () => number | undefined {
  const { burst = 5_000, perSecond = 50, monotonic = () => performance.now() } = options
  let tokens = burst
  let filledAt = monotonic()
  let leftOut = 0
  return () => {
    const now = monotonic()
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond)
    filledAt = now
    if (tokens < 1) {
      leftOut += 1
      return undefined
    }
    tokens -= 1
    const before = leftOut
    leftOut = 0
    return before
  }
}
