/** How many entries of failed logins are written: anybody who can reach the service can cause them, and they are kept for months. */

/** Limits of {@link createFailureBudget}. */
export interface FailureBudgetOptions {
  /** Entries that may come at once. Default: 5,000, a quarter of the queue. */
  readonly burst?: number | undefined
  /** Entries in the long run. Default: 5, which is some 0.4 GB a day in the database. */
  readonly perSecond?: number | undefined
  /** Monotonic milliseconds. Default: `performance.now`. */
  readonly monotonic?: (() => number) | undefined
}

/**
 * Asks for one more entry, about so many failures. It is told how many failures were left out since the last entry
 * that was let through; or `undefined`, when this entry is to be left out too.
 */
export type FailureBudget = (failures: number) => number | undefined

/** Returns a full budget. */
export function createFailureBudget(options: FailureBudgetOptions = {}): FailureBudget {
  const { burst = 5_000, perSecond = 5, monotonic = () => performance.now() } = options
  let tokens = burst
  let filledAt = monotonic()
  let leftOut = 0
  return (failures) => {
    const now = monotonic()
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond)
    filledAt = now
    if (tokens < 1) {
      leftOut += failures
      return undefined
    }
    tokens -= 1
    const before = leftOut
    leftOut = 0
    return before
  }
}
