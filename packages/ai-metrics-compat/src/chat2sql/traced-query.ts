import { type Clock, monotonicClock } from '@honoscope/core'
import type { Tracer } from '@opentelemetry/api'
import type { EventLog } from './event-log.ts'
import type { Chat2SqlMetrics, QueryStatus } from './metrics.ts'
import { statusOf, typeOfQuery } from './query.ts'
import { traceSqlQuery } from './tracing.ts'

/** Options of {@link createTracedQuery}. What is left out is not done. */
export interface TracedQueryOptions {
  /** Takes the duration and the count: `createChat2SqlMetrics()`. */
  readonly metrics?: Pick<Chat2SqlMetrics, 'recordSqlQuery'> | undefined
  /** Makes the span `sql.query`. */
  readonly tracer?: Tracer | undefined
  /** Writes the line: `createEventLog()`. */
  readonly events?: Pick<EventLog, 'sqlQuery'> | undefined
  /** `db.system.name` of the spans. Default: `postgresql`. */
  readonly system?: string
  /** Monotonic milliseconds. Default: the platform's. */
  readonly clock?: Clock
}

/**
 * Runs `fn(db, sql)` and resolves to what it resolves to; rejects with what it throws. On the way it becomes a span, a
 * duration, a count and a line.
 */
export type TracedQuery = <D, T>(db: D, sql: string, fn: (db: D, sql: string) => T | Promise<T>) => Promise<T>

/**
 * Returns `tracedQuery(db, sql, fn)`.
 *
 * @example
 * ```ts
 * import { createChat2SqlMetrics, createTracedQuery } from '@honoscope/ai-metrics-compat/chat2sql'
 * import { createMetrics } from '@honoscope/metrics'
 * import { sql } from 'drizzle-orm'
 * import { drizzle } from 'drizzle-orm/pglite'
 *
 * const db = drizzle()
 * const tracedQuery = createTracedQuery({ metrics: createChat2SqlMetrics(createMetrics()) })
 * export const ask = (text: string) => tracedQuery(db, text, (db, text) => db.execute(sql.raw(text)))
 * ```
 */
export function createTracedQuery(options: TracedQueryOptions): TracedQuery {
  const { tracer, system, clock = monotonicClock } = options
  return async (db, sql, fn) => {
    const startedAt = clock()
    const run = async () => fn(db, sql)
    const done = (status: QueryStatus): void => tell(options, sql, status, Math.max(0, clock() - startedAt))
    try {
      const query = { statement: sql, ...(system === undefined ? {} : { system }) }
      const result = await (tracer === undefined ? run() : traceSqlQuery(tracer, query, run))
      done('success')
      return result
    } catch (error) {
      done(statusOf(error))
      throw error
    }
  }
}

/** Telemetry never fails a query: its own failures end here. */
function tell({ metrics, events }: TracedQueryOptions, sql: string, status: QueryStatus, durationMs: number): void {
  try {
    const queryType = typeOfQuery(sql)
    metrics?.recordSqlQuery(queryType, status, durationMs / 1000)
    events?.sqlQuery({ query: sql, durationMs, queryType, status })
  } catch {
    // The query has its result.
  }
}
