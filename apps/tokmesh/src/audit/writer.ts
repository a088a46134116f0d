/** Brings audit entries to their store behind the requests' backs: in batches, in order, and again while it fails. */
import type { Catalogue } from '@honoscope/core'
import type { AuditEntry, AuditStore } from '../domain/audit.ts'
import type { Log } from '../log.ts'
import { createFailureBudget, type FailureBudgetOptions } from './failure-budget.ts'
import { createQueue, type QueueOptions } from './queue.ts'
import { createReport } from './report.ts'

/** Options of {@link createAuditWriter}. */
export interface AuditWriterOptions {
  readonly store: Pick<AuditStore, 'append' | 'isRefusal'>
  readonly log: Log
  readonly metrics: Catalogue
  /** How long an entry waits for company, milliseconds. Default: 100, as entries have to be found within a second. */
  readonly delayMs?: number | undefined
  /** Entries in one statement, which is written at once when so many wait. Default: 200. */
  readonly batchSize?: number | undefined
  /** Longest pause between attempts while the store fails, milliseconds. Default: 500. */
  readonly maxBackoffMs?: number | undefined
  readonly queue?: QueueOptions | undefined
  readonly failures?: FailureBudgetOptions | undefined
}

/** Where entries are handed over. */
export interface AuditWriter {
  /** Takes an entry. It returns at once and never throws; without room the entry is dropped, counted and logged. */
  add(entry: AuditEntry): void
  /** Writes what waits, for at most `limitMs`: what is left then is logged as lost. Never rejects. Default: 5,000. */
  close(limitMs?: number): Promise<void>
}

/** Returns a writer. It starts no timer before its first entry. */
export function createAuditWriter(options: AuditWriterOptions): AuditWriter {
  const { store, log, metrics, delayMs = 100, batchSize = 200, maxBackoffMs = 500 } = options
  const queue = createQueue(options.queue)
  const budget = createFailureBudget(options.failures)
  const report = createReport({ log, metrics, waiting: () => queue.size })
  let [closing, closed] = [false, false]
  let worker: Promise<void> | undefined
  let wake = () => {}
  let atOnce = batchSize
  let backoffMs = 0

  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const writeBatch = async (): Promise<void> => {
    const batch = queue.first(atOnce)
    try {
      await store.append(batch)
      queue.drop(batch.length)
      report.written(batch.length)
      atOnce = batchSize
      backoffMs = 0
    } catch (error) {
      if (!store.isRefusal(error)) {
        backoffMs = Math.min(maxBackoffMs, Math.max(50, backoffMs * 2))
        return report.failed(error)
      }
      // One of them can't be kept: halves are tried until it stands alone, and then it holds up the others no more.
      atOnce = Math.ceil(batch.length / 2)
      if (batch.length > 1) return
      queue.drop(1)
      report.refused(error)
    }
  }

  /** Goes on until nothing waits; the next entry starts it again. */
  const work = async (): Promise<void> => {
    while (queue.size > 0 && !closed) {
      const isFull = queue.size >= batchSize || atOnce < batchSize
      if (backoffMs > 0) await sleep(backoffMs)
      else if (!isFull && !closing) await sleep(delayMs)
      await writeBatch()
    }
    worker = undefined
  }

  return {
    add(entry) {
      try {
        const admitted = closed ? undefined : admit(entry, budget)
        if (!admitted || !queue.add(admitted)) return report.dropped()
        worker ??= work()
        if (queue.size >= batchSize && backoffMs === 0) wake()
      } catch {
        // Details that JSON can't hold.
        report.dropped()
      }
    },
    async close(limitMs = 5_000) {
      closing = true
      wake()
      await within(limitMs, worker)
      closed = true
      wake()
      report.close()
    },
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

/** The entry; `undefined` for a failed login above the budget. The next one says how many were left out before it. */
function admit(entry: AuditEntry, budget: () => number | undefined): AuditEntry | undefined {
  if (entry.action !== 'AUTH_FAILED') return entry
  const leftOut = budget()
  if (leftOut === undefined) return undefined
  return leftOut === 0 ? entry : { ...entry, details: { ...entry.details, left_out_before: leftOut } }
}
