/** Tells operators how the audit log fares: counters, and log lines that do not become a flood of their own. */
import { type Catalogue, runInScope } from '@honoscope/core'
import { describeError } from '@honoscope/logging'
import type { Log } from '../log.ts'

/** What is told, and to whom. */
export interface ReportOptions {
  readonly log: Log
  readonly metrics: Catalogue
  /** Entries in the queue. */
  readonly waiting: () => number
}

/** What can happen to entries. */
export interface Report {
  /** So many are in the store. */
  written(count: number): void
  /** The store failed; the entries wait. */
  failed(error: unknown): void
  /** The store will never take this one. */
  refused(error: unknown): void
  /** There was no room for this one. */
  dropped(): void
  /** The last lines: what was lost, if anything; the first `unconfirmed` of what waits may be written all the same. */
  close(unconfirmed: number): void
}

const intervalMs = 60_000

/** Losses are told a moment after the first, so that the line counts those that come with it. */
const gatherMs = 1_000

/** Returns the report. Each kind of line is written at most once a minute. */
export function createReport({ log, metrics, waiting }: ReportOptions): Report {
  const entries = metrics.counter({
    ...{ name: 'audit_entries_total', prefix: 'honoscope_' },
    help: 'Audit entries by what became of them; unconfirmed ones were in a statement that had not ended at the stop.',
    labels: { result: ['written', 'dropped', 'refused', 'unconfirmed'] },
  })
  metrics.gauge({
    ...{ name: 'audit_queue_entries', prefix: 'honoscope_' },
    help: 'Audit entries that wait to be written.',
    collect: (gauge) => gauge.set(waiting()),
  })
  const losses = createLosses(log)
  let attempts = 0
  let toldAt = Number.NEGATIVE_INFINITY

  return {
    written(count) {
      entries.inc({ result: 'written' }, count)
      if (attempts > 0) log('info', 'tokmesh.audit', 'audit entries are written again', { failed_attempts: attempts })
      attempts = 0
      toldAt = Number.NEGATIVE_INFINITY
    },
    failed(error) {
      attempts += 1
      if (performance.now() - toldAt < intervalMs) return
      toldAt = performance.now()
      const fields = { waiting: waiting(), failed_attempts: attempts, ...describeError(error) }
      log('error', 'tokmesh.audit', 'audit entries cannot be written; they wait', fields)
    },
    refused(error) {
      entries.inc({ result: 'refused' })
      losses.add('refused', describeError(error))
    },
    dropped() {
      entries.inc({ result: 'dropped' })
      losses.add('dropped')
    },
    close(unconfirmed) {
      losses.close()
      const dropped = waiting() - unconfirmed
      if (dropped + unconfirmed === 0) return
      entries.inc({ result: 'dropped' }, dropped)
      entries.inc({ result: 'unconfirmed' }, unconfirmed)
      const what = dropped > 0 ? 'are lost' : 'may be lost'
      const fields = { dropped, unconfirmed }
      log('error', 'tokmesh.audit', `audit entries ${what}: the time to write them was over`, fields)
    },
  }
}

/** Gathers losses into one line. */
function createLosses(log: Log) {
  const lost = { dropped: 0, refused: 0 }
  let timer: ReturnType<typeof setTimeout> | undefined
  let toldAt = Number.NEGATIVE_INFINITY
  let latest: object = {}

  const tell = () => {
    timer = undefined
    if (lost.dropped + lost.refused === 0) return
    toldAt = performance.now()
    log('error', 'tokmesh.audit', 'audit entries are lost', { ...lost, ...latest })
    Object.assign(lost, { dropped: 0, refused: 0 })
    latest = {}
  }

  return {
    add(kind: keyof typeof lost, more: object = {}) {
      lost[kind] += 1
      latest = { ...latest, ...more }
      const waitMs = Math.max(gatherMs, toldAt + intervalMs - performance.now())
      // The line tells of many requests, and belongs to none of them.
      timer ??= runInScope(undefined, () => setTimeout(tell, waitMs))
      timer.unref()
    },
    close() {
      clearTimeout(timer)
      tell()
    },
  }
}
