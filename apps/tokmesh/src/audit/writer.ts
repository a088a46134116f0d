/** Brings audit entries to their store behind the requests' backs. */
import type { Catalogue } from '@honoscope/core'
import type { AuditEntry, AuditStore } from '../domain/audit.ts'
import type { Log } from '../log.ts'
import { createDelivery } from './delivery.ts'
import { createFailedLogins, type FailedLoginOptions } from './failed-logins.ts'
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
  readonly failures?: FailedLoginOptions | undefined
}

/** Where entries are handed over. */
export interface AuditWriter {
  /** Takes an entry. It returns at once and never throws; without room the entry is dropped, counted and logged. */
  add(entry: AuditEntry): void
  /**
   * Writes what waits, for at most `limitMs`: what is left then is logged as lost, and what is in a statement that has
   * not ended as unconfirmed. Never rejects. Default: 5,000.
   */
  close(limitMs?: number): Promise<void>
}

/** Returns a writer. It starts no timer before its first entry. */
export function createAuditWriter(options: AuditWriterOptions): AuditWriter {
  const { store, log, metrics, delayMs = 100, batchSize = 200, maxBackoffMs = 500 } = options
  const queue = createQueue(options.queue)
  const report = createReport({ log, metrics, waiting: () => queue.size })
  const delivery = createDelivery({ store, queue, report, delayMs, batchSize, maxBackoffMs })
  let isClosed = false

  const write = (entry: AuditEntry) => {
    if (isClosed || !queue.add(entry)) return report.dropped()
    delivery.notice()
  }
  const failedLogins = createFailedLogins({ write, leaveOut: report.dropped }, options.failures)

  return {
    add(entry) {
      try {
        if (entry.action === 'AUTH_FAILED') failedLogins.add(entry)
        else write(entry)
      } catch {
        // Details that JSON can't hold.
        report.dropped()
      }
    },
    async close(limitMs = 5_000) {
      failedLogins.close()
      const unconfirmed = await delivery.finish(limitMs)
      isClosed = true
      report.close(unconfirmed)
    },
  }
}
