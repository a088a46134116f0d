import type { SendResult } from './exporter.ts'
import type { ExporterTime } from './exporter-attempt.ts'

/** How long to leave a receiver alone. */
export interface Backoff {
  /** Milliseconds that are left, 0 for none. */
  waitMs(): number
  /** Takes note of how an attempt went. */
  note(result: SendResult): void
}

const firstMs = 1000
const longestMs = 30_000
/** A receiver that asks for more is asked again after this. */
const longestAskedMs = 5 * 60_000

/** Returns a pause that doubles with each failure in a row, or is what the receiver asked for. */
export function createBackoff(time: Pick<ExporterTime, 'clock' | 'random'>): Backoff {
  let failures = 0
  let until = 0
  return {
    waitMs: () => Math.max(0, until - time.clock()),
    note: (result) => {
      if (result.ok || !result.retry) {
        failures = 0
        until = 0
        return
      }
      const doubled = Math.min(firstMs * 2 ** failures, longestMs)
      failures = Math.min(failures + 1, 10)
      // Half of it by chance, so that a fleet does not come back at the same moment.
      const ownMs = doubled * (0.5 + time.random() / 2)
      until = time.clock() + (result.retryAfterMs === undefined ? ownMs : Math.min(result.retryAfterMs, longestAskedMs))
    },
  }
}
