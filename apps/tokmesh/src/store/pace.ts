import { setTimeout as pause } from 'node:timers/promises'

/**
 * Returns a function that resolves when the next connection may be begun: at most `burst` in `windowMs`.
 *
 * The driver connects again at once, without end, when a connection is closed before the server has spoken: what
 * a proxy does whose server is down. Under Bun that was measured as 3,800 connections a second.
 */
export function createPace(burst: number, windowMs: number): () => Promise<void> {
  const begun: number[] = []
  let next = 0
  return async () => {
    const now = performance.now()
    const start = Math.max(now, (begun[next % burst] ?? Number.NEGATIVE_INFINITY) + windowMs)
    begun[next++ % burst] = start
    if (start > now) await pause(start - now)
  }
}
