/** How old what a node remembers may be: the contract's section 7.5. */

/** No node accepts a revoked token later than this after the commit of the revoke, milliseconds. */
export const boundMs = 2_000

/** What is known of the age of this node's memory. */
export interface Freshness {
  /**
   * The moment, on {@link Freshness.now}, whose commits this node knows all: what it remembers was true then. Negative
   * infinity while nothing vouches for its memory.
   */
  asOf(): number
  /** Monotonic milliseconds. */
  now(): number
}

/** Of a database that this process has to itself: what it wrote is all that there is to know. */
export const alwaysFresh: Freshness = { asOf: () => performance.now(), now: () => performance.now() }

/** Of a database that others write to, while nobody tells of it. */
export const neverFresh: Freshness = { asOf: () => Number.NEGATIVE_INFINITY, now: () => performance.now() }

/** Whether something that was true `asOf` may still be answered with. */
export const holds = ({ now }: Freshness, asOf: number): boolean => now() - asOf < boundMs
