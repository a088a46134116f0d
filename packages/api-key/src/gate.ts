import { createFairQueue } from './fair-queue.ts'

/** Bounds how many expensive jobs run at once, and how many wait. */
export interface Gate {
  /** Runs `job` when it is the turn of `path`. {@link busy} instead of its result when the queue had no room. */
  run<T>(path: readonly string[], job: () => Promise<T>): Promise<T | typeof busy>
  /** Runs `job` ahead of the queue: for work that no stranger can cause. At most every second place is given to it. */
  runFirst<T>(job: () => Promise<T>): Promise<T>
}

/** Answer of a gate that is full. */
export const busy: unique symbol = Symbol('busy')

interface Waiter {
  start(): void
  refuse(): void
}

/** A gate of `concurrent` places and `queued` seats before it. */
export function createGate(concurrent: number, queued: number): Gate {
  const crowd = createFairQueue<Waiter>(queued)
  const first: Waiter[] = []
  let free = concurrent
  let firstHadLast = false

  const next = (): void => {
    firstHadLast = first.length > 0 && !(firstHadLast && crowd.size > 0)
    const waiter = firstHadLast ? first.shift() : crowd.shift()
    if (waiter) waiter.start()
    else free++
  }
  const occupy = async <T>(job: () => Promise<T>): Promise<T> => {
    try {
      return await job()
    } finally {
      next()
    }
  }
  /** True when a place is taken, false when the queue refused. */
  const seat = (wait: (waiter: Waiter) => void): Promise<boolean> => {
    if (free > 0) {
      free--
      return Promise.resolve(true)
    }
    return new Promise((resolve) => wait({ start: () => resolve(true), refuse: () => resolve(false) }))
  }
  return {
    run: async (path, job) => ((await seat((waiter) => crowd.push(path, waiter)?.refuse())) ? occupy(job) : busy),
    runFirst: async (job) => {
      await seat((waiter) => first.push(waiter))
      return occupy(job)
    },
  }
}
