import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { observeDatabase } from './database.ts'
import type { Database } from './drizzle.ts'
import { createObserver } from './observer.ts'
import { type DrizzleOptions, settle } from './options.ts'
import { isObserved } from './session.ts'

/** A database that Drizzle made over any PostgreSQL driver. */
// biome-ignore lint/suspicious/noExplicitAny: the schema is the user's; it is passed on and not looked at.
export type AnyPgDatabase = PgDatabase<PgQueryResultHKT, any, any>

/**
 * Returns a database of the same type whose queries are counted, timed and traced; `db` itself is left as it is.
 * A database that is instrumented already comes back unchanged.
 *
 * It sends no statement, adds no round trip and changes nothing that a query returns or throws.
 *
 * @throws TypeError when `db` is no PostgreSQL database of Drizzle, or an option is wrong.
 * @example
 * ```ts
 * import { dbMetrics, instrumentDrizzle } from '@honoscope/db-drizzle-instrumentation'
 * import { createMetrics } from '@honoscope/metrics'
 * import { drizzle } from 'drizzle-orm/postgres-js'
 *
 * const metrics = createMetrics({ prefix: 'shop_' })
 * const db = instrumentDrizzle(drizzle('postgres://localhost/shop'), { metrics: dbMetrics(metrics) })
 * ```
 */
export function instrumentDrizzle<D extends AnyPgDatabase>(db: D, options: DrizzleOptions = {}): D {
  const settings = settle(options)
  const raw: D & Database = check(db)
  return isObserved(raw.session) ? db : observeDatabase(raw, createObserver(settings))
}

/** Drizzle's types hide the session, so it is looked for. */
function check<D extends object>(db: D): D & Database {
  const session: unknown = typeof db === 'object' && db !== null ? Reflect.get(db, 'session') : undefined
  if (typeof session !== 'object' || session === null || typeof Reflect.get(session, 'prepareQuery') !== 'function') {
    throw new TypeError('instrumentDrizzle: db must be a PostgreSQL database of drizzle-orm')
  }
  if ('$replicas' in db && !isObserved(session as Database['session'])) {
    throw new TypeError('instrumentDrizzle: instrument the primary and each replica before withReplicas()')
  }
  return db as D & Database
}
