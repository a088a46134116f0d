import type { Time } from '../time.ts'

/** Something that is done again and again. */
export interface Ticker {
  /** Does it now, and not at the end of the pause. */
  wake(): void
  stop(): void
}

/**
 * Calls `tick` at once, every `pollMs`, and whenever it is woken. It runs in the context in which it was made: what a
 * request wakes is no part of that request.
 */
export function createTicker(tick: () => void, pollMs: number, time: Time): Ticker {
  let stopped = false
  let woken = false
  let end: (() => void) | undefined
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const cancel = time.timer(resolve, pollMs)
      end = () => {
        cancel()
        resolve()
      }
      if (woken) end()
    })
  const run = async (): Promise<void> => {
    while (!stopped) {
      woken = false
      tick()
      await pause()
    }
  }
  run()
  const wake = (): void => {
    woken = true
    end?.()
  }
  return {
    wake,
    stop() {
      stopped = true
      wake()
    },
  }
}
