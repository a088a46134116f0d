import type { Instrument } from './instrument.ts'

/** Counts the exchanges that have begun and not ended, so that a drain can wait for them. */
export interface InFlight extends Instrument<true> {
  /** Exchanges under way now. */
  readonly count: number
  /**
   * Resolves to `true` when none is under way, to `false` when some still are after `timeoutMs` milliseconds.
   * It doesn't keep the process alive.
   */
  idle(timeoutMs: number): Promise<boolean>
}

/**
 * Returns an instrument for `observe()` that a drain can wait for.
 *
 * @example
 * ```ts
 * import { inFlight, observe } from '@honoscope/core'
 * import { Hono } from 'hono'
 *
 * const requests = inFlight()
 * const app = new Hono()
 * app.use(observe(requests))
 * process.once('SIGTERM', async () => {
 *   const drained = await requests.idle(25_000)
 *   process.exit(drained ? 0 : 1)
 * })
 * ```
 */
export function inFlight(): InFlight {
  let count = 0
  const waiting = new Set<() => void>()

  return {
    name: 'in_flight',
    get count() {
      return count
    },
    start() {
      count++
      return true
    },
    end() {
      count--
      if (count === 0) for (const wake of [...waiting]) wake()
    },
    idle(timeoutMs) {
      if (count === 0) return Promise.resolve(true)
      return new Promise((resolve) => {
        const settle = (idle: boolean): void => {
          clearTimeout(timer)
          waiting.delete(wake)
          resolve(idle)
        }
        const wake = (): void => settle(true)
        const timer = setTimeout(settle, timeoutMs, false)
        // Timers are numbers outside Node and Bun.
        ;(timer as { unref?: () => void }).unref?.()
        waiting.add(wake)
      })
    },
  }
}
