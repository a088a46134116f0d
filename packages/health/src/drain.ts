import { delay } from './options.ts'
import type { Time } from './time.ts'

/** What a drain asks about the requests that are being answered. `observe()` of `@honoscope/core` can tell. */
export interface InFlight {
  /** Requests that are being answered now. */
  readonly count: number
  /** Resolves to true once there is none, to false after `timeoutMs` milliseconds. */
  idle(timeoutMs: number): Promise<boolean>
}

/** How long a drain takes. A wrong value throws a `TypeError`. */
export interface DrainOptions {
  /** Milliseconds between "not ready" and the wait, so that balancers stop sending. From 0 to `timeoutMs`. Default: 0. */
  readonly graceMs?: number
  /** Milliseconds that the whole drain may take, the grace included. Default: 30000. */
  readonly timeoutMs?: number
}

/**
 * Waits out the grace, then until nothing is in flight or the time is over; resolves to whether it is idle.
 * A tracker that throws or hangs counts as not idle.
 */
export async function waitUntilIdle(
  options: DrainOptions,
  inFlight: InFlight | undefined,
  { clock, timer }: Time,
): Promise<boolean> {
  const timeoutMs = delay('timeoutMs', options.timeoutMs ?? 30_000, 0)
  const graceMs = delay('graceMs', options.graceMs ?? 0, 0)
  if (graceMs > timeoutMs)
    throw new TypeError(`health: graceMs (${graceMs}) must not be above timeoutMs (${timeoutMs})`)
  const startedAt = clock()
  if (graceMs > 0) await new Promise<void>((resolve) => void timer(resolve, graceMs))
  if (!inFlight) return true
  const leftMs = Math.max(0, timeoutMs - (clock() - startedAt))
  return new Promise((resolve) => {
    const cancel = timer(() => resolve(false), leftMs)
    const finish = (idle: boolean): void => {
      cancel()
      resolve(idle)
    }
    Promise.resolve()
      .then(() => inFlight.idle(leftMs))
      .then(finish, () => finish(false))
  })
}
