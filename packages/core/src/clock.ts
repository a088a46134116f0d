/** Milliseconds of a clock that never goes back; only differences mean something. */
export type Clock = () => number

/** The platform's monotonic clock. */
export const monotonicClock: Clock = () => performance.now()
