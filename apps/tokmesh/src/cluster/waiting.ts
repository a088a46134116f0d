/** Those who wait for a change to be applied here. */
export interface Waiting {
  /** Resolves with true when {@link Waiting.check} finds `seq` reached, with false after `limitMs`. */
  wait(seq: number, limitMs: number): Promise<boolean>
  /** Says that all changes up to `applied` were applied. */
  check(applied: number): void
  /** All who wait are told false. */
  end(): void
}

interface Waiter {
  readonly seq: number
  readonly tell: (isReached: boolean) => void
}

/** Returns an empty waiting room; each who waits leaves it after the limit at the latest. */
export function createWaiting(): Waiting {
  const waiters = new Set<Waiter>()
  return {
    wait: (seq, limitMs) =>
      new Promise((resolve) => {
        const tell = (isReached: boolean) => {
          clearTimeout(timer)
          waiters.delete(waiter)
          resolve(isReached)
        }
        const waiter = { seq, tell }
        const timer = setTimeout(tell, limitMs, false)
        timer.unref()
        waiters.add(waiter)
      }),
    check(applied) {
      for (const { seq, tell } of waiters) if (applied >= seq) tell(true)
    },
    end() {
      for (const { tell } of waiters) tell(false)
    },
  }
}
