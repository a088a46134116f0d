import { runInScope } from '@honoscope/core'
import type { Clock } from './clock.ts'

/** Something that is done again and again, one after the other. */
export interface Rounds {
  start(): void
  /** Does it at once, or as soon as the pause after the last time allows. */
  hurry(): void
  stop(): void
}

/**
 * Returns rounds of `run`, which must not reject, that have not begun. `pauseMs` says how long after the beginning of
 * the last one the next may begin.
 */
export function createRounds(run: () => Promise<void>, pauseMs: () => number, clock: Clock): Rounds {
  let timer: NodeJS.Timeout | undefined
  let begunAt = Number.NEGATIVE_INFINITY
  let isRunning = false
  let isStarted = false

  const schedule = () => {
    clearTimeout(timer)
    if (!isStarted || isRunning) return
    const pause = pauseMs()
    const waitMs = Math.min(pause, Math.max(0, begunAt + pause - clock.monotonic()))
    timer = setTimeout(round, waitMs)
    timer.unref()
  }
  const round = async () => {
    isRunning = true
    begunAt = clock.monotonic()
    await run()
    isRunning = false
    schedule()
  }
  const inBackground = () => runInScope(undefined, schedule)

  return {
    hurry: inBackground,
    start() {
      isStarted = true
      inBackground()
    },
    stop() {
      isStarted = false
      clearTimeout(timer)
    },
  }
}
