import { currentScope, runInScope } from '@honoscope/core'

/** Lets so many calls in at a time; the others wait their turn. */
export interface Gate {
  /**
   * Starts `call` when there is room and returns its result. Rejects with `tooLate()` when the result is not there
   * after `limitMs`: a call that still waited is then never started; one that was started goes on, unheard. Infinity
   * is no limit.
   */
  pass<T>(call: () => Promise<T>, limitMs: number): Promise<T>
  /** Calls that wait their turn. */
  waiting(): number
}

/**
 * Returns a gate for `room` calls. A call takes up its room until it settles, not until its caller gives up: so
 * a database that does not answer is left with no more than `room` statements that nobody waits for.
 */
export function createGate(room: number, tooLate: () => Error): Gate {
  const waiting = new Set<() => void>()
  let inside = 0

  const leave = () => {
    inside -= 1
    for (const enter of waiting) {
      waiting.delete(enter)
      enter()
      return
    }
  }

  return {
    pass: (call, limitMs) =>
      new Promise((resolve, reject) => {
        const enter = () => {
          inside += 1
          call()
            .finally(leave)
            .then(resolve, reject)
            .finally(() => clearTimeout(timer))
        }
        // Another call's end lets it in, which must not make it a part of that call's request.
        const scope = currentScope()
        const later = () => runInScope(scope, enter)
        const giveUp = () => {
          waiting.delete(later)
          reject(tooLate())
        }
        // A timer takes Infinity for no time at all.
        const timer = limitMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(giveUp, limitMs)
        if (inside < room) enter()
        else waiting.add(later)
      }),
    waiting: () => waiting.size,
  }
}
