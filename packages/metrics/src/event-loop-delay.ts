import type { Catalogue } from '@honoscope/core'

/** Milliseconds between two looks at the event loop: 50 a second cost next to nothing and see every stall that matters. */
const intervalMs = 20

/** Seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/**
 * Adds a histogram of how much later than asked for a timer fires; returns what stops it.
 *
 * A timer of our own, because `monitorEventLoopDelay` counts its interval into the delay under Node and not under Bun.
 * A histogram, because quantiles since the last scrape would be wrong for two scrapers.
 */
export function watchDelay(catalogue: Catalogue, prefix: string): () => void {
  const delay = catalogue
    .histogram({
      name: 'eventloop_delay_seconds',
      prefix,
      help: `How much later than asked for a timer fires, in seconds; looked at every ${intervalMs} ms.`,
      buckets,
    })
    .series()
  let timer: ReturnType<typeof setTimeout>
  const schedule = (): void => {
    const due = performance.now() + intervalMs
    timer = setTimeout(() => {
      delay.observe(Math.max(0, performance.now() - due) / 1000)
      schedule()
    }, intervalMs)
    // It must not keep the process alive.
    timer.unref?.()
  }
  schedule()
  return () => clearTimeout(timer)
}
