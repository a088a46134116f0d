import type { Catalogue } from '@honoscope/core'
import { type DbMetrics, dbMetrics, instrumentDrizzle, watchPool } from '@honoscope/db-drizzle-instrumentation'
import type { Tracing } from '@honoscope/tracing'
import type { Log } from '../log.ts'
import type { Db } from '../store/connection.ts'
import type { Database } from '../store/database.ts'

/** What sees the queries. */
export interface QuerySinks {
  readonly metrics: Catalogue
  readonly tracing: Tracing
  readonly log: Log
}

/** Observes queries and the pool. */
export interface QueryObserver {
  /** Returns the database with its queries counted, timed and, where anything is traced, with spans. */
  readonly decorate: (db: Db) => Db
  /** Shows how many connections there are, and who waits for one, until the returned function is called. */
  readonly watchPool: (database: Pick<Database, 'connections'>) => () => void
}

/** Slower than any statement here should be, and less than the server lets one wait for a lock (0.5 s). */
const slowMs = 400

/** Returns the observer of one database. */
export function observeQueries({ metrics, tracing, log }: QuerySinks): QueryObserver {
  const recorded: DbMetrics = dbMetrics(metrics)
  return {
    decorate: (db) =>
      instrumentDrizzle(db, {
        metrics: recorded,
        // Background work asks the database every second; its queries are spans where they are part of something.
        ...(tracing.enabled && { tracer: tracing.tracer, rootSpans: false }),
        slowQueryMs: slowMs,
        onSlowQuery: ({ statement, operation, table, route, span, durationMs }) =>
          log('warn', 'tokmesh.storage', 'a query was slow', {
            ...{ operation, table, statement, duration_ms: Math.round(durationMs) },
            route: route?.replace(/:(\w+)/g, '{$1}'),
            trace_id: span?.traceId,
            span_id: span?.spanId,
          }),
      }),
    watchPool: ({ connections }) => watchPool(connections, { metrics: recorded }),
  }
}
