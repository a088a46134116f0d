/** Brings the entries of a queue to their store: in batches, in order, and again while it fails. */
import { runInScope } from '@honoscope/core'
import type { AuditStore } from '../domain/audit.ts'
import type { Queue } from './queue.ts'
import type { Report } from './report.ts'

/** Options of {@link createDelivery}. */
export interface DeliveryOptions {
  readonly store: Pick<AuditStore, 'append' | 'isRefusal'>
  readonly queue: Queue
  readonly report: Pick<Report, 'written' | 'failed' | 'refused'>
  /** How long an entry waits for company, milliseconds. */
  readonly delayMs: number
  /** Entries in one statement, which is written at once when so many wait. */
  readonly batchSize: number
  /** Longest pause between attempts while the store fails, milliseconds. */
  readonly maxBackoffMs: number
}

/** A delivery that waits for entries. */
export interface Delivery {
  /** Says that the queue has one more. */
  notice(): void
  /**
   * Writes what waits, for at most `limitMs`; then no statement begins any more. Never rejects; resolves with the
   * number of entries, the first of the queue, in a statement that has not ended: nobody knows what becomes of them.
   */
  finish(limitMs: number): Promise<number>
}

/** Returns a delivery. It starts no timer before its first entry. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { store, queue, delayMs, batchSize } = options
  const pace = createPace(options)
  const { sleep, wake } = createSleep()
  let [isFinishing, isOver, underWay] = [false, false, 0]
  let worker: Promise<void> | undefined

  const writeBatch = async () => {
    const batch = queue.first(pace.batchSize)
    underWay = batch.length
    const failure = await failureOf(store.append(batch))
    underWay = 0
    // What became of these has been told: nobody knows.
    if (!isOver) settle(options, pace, batch.length, failure)
  }

  /** Goes on until nothing waits; the next entry starts it again. */
  const work = async () => {
    while (queue.size > 0 && !isOver) {
      if (pace.backoffMs > 0) await sleep(pace.backoffMs)
      else if (queue.size < pace.batchSize && !isFinishing) await sleep(delayMs)
      if (!isOver) await writeBatch()
    }
    worker = undefined
  }

  return {
    notice() {
      // It writes for everybody: the request that happens to wake it is not its trace.
      worker ??= runInScope(undefined, work)
      if (queue.size >= batchSize && pace.backoffMs === 0) wake()
    },
    async finish(limitMs) {
      isFinishing = true
      wake()
      await within(limitMs, worker)
      isOver = true
      wake()
      return underWay
    },
  }
}

/** `undefined` when it succeeds; the error stands in an object, as it may be anything. */
function failureOf(attempt: Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  return attempt.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
}

/** Takes the outcome of an attempt to write the first `count` of the queue. */
function settle(
  { store, queue, report }: DeliveryOptions,
  pace: Pace,
  count: number,
  failure: { readonly error: unknown } | undefined,
): void {
  if (!failure) {
    queue.drop(count)
    report.written(count)
    pace.succeeded()
  } else if (!store.isRefusal(failure.error)) {
    pace.failed()
    report.failed(failure.error)
  } else {
    // One of them can't be kept: halves are tried until it stands alone, and then it holds up the others no more.
    pace.refused(count)
    if (count > 1) return
    queue.drop(1)
    report.refused(failure.error)
  }
}

type Pace = ReturnType<typeof createPace>

/** How many entries are tried at once, and after what pause. */
function createPace({ batchSize, maxBackoffMs }: Pick<DeliveryOptions, 'batchSize' | 'maxBackoffMs'>) {
  return {
    batchSize,
    backoffMs: 0,
    succeeded() {
      this.batchSize = batchSize
      this.backoffMs = 0
    },
    failed() {
      this.backoffMs = Math.min(maxBackoffMs, Math.max(50, this.backoffMs * 2))
    },
    refused(tried: number) {
      this.batchSize = Math.ceil(tried / 2)
    },
  }
}

/** Returns a sleep that can be cut short. */
function createSleep() {
  let wakeSleeper = () => {}
  return {
    wake: () => wakeSleeper(),
    sleep: (ms: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        wakeSleeper = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
  }
}

/** Resolves with `work`, at the latest after `limitMs`. */
function within(limitMs: number, work: Promise<void> | undefined): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(resolve, limitMs)
    void Promise.resolve(work).then(() => {
      clearTimeout(limit)
      resolve()
    })
  })
}
