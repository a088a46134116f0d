/** Where the receiver keeps what it has to tell: PostgreSQL, or a database inside this process. */
import { mkdir } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { Pool } from 'pg'
import { EnvironmentError } from './environment.ts'

/** Connections to PostgreSQL: the webhook needs one at a time, and the worker another. */
const poolSize = 5
/** Above what the receiver waits: a connection that nobody answers on is given up, and another one made. */
const queryMs = 20_000

/**
 * Returns a database of PostgreSQL at `url`. Nothing is connected until it is used. With the driver `pg`: `postgres` 3.4
 * ends the process when the server goes away in the middle of a transaction (porsager/postgres issue 1208).
 *
 * @throws EnvironmentError for what is no URL of PostgreSQL. The error of the driver has the password in it.
 */
export function openPostgres(url: string) {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new EnvironmentError('DATABASE_URL must be postgres://…, with what is special in it escaped')
  const pool = new Pool({
    ...{ connectionString: url, max: poolSize, keepAlive: true },
    ...{ connectionTimeoutMillis: queryMs, query_timeout: queryMs },
  })
  // A connection that breaks tells so itself, besides to whoever uses it: with nobody to listen the process would end.
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  return {
    db: drizzlePostgres(pool),
    ping: () => pool.query('select 1'),
    // Leave is taken of a server that answers; one that hangs is not waited for.
    close: () => Promise.race([pool.end(), pause(5_000, undefined, { ref: false })]),
  }
}

/** Returns the database in `folder`, which is made where it is missing. One process may use it at a time. */
export async function openEmbedded(folder: string) {
  await mkdir(folder, { recursive: true })
  const client = await PGlite.create(folder)
  return {
    db: drizzlePglite(client),
    ping: () => client.query('select 1'),
    close: () => client.close(),
  }
}
