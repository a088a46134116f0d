/** Where the receiver keeps what it has to tell: PostgreSQL, or a database inside this process. */
import { mkdir } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'

/** Connections to PostgreSQL: the webhook needs one at a time, and the worker another. */
const poolSize = 5

/** Returns a database of PostgreSQL at `url`. Nothing is connected until it is used. */
export function openPostgres(url: string) {
  const sql = postgres(url, { max: poolSize, onnotice: () => {} })
  return {
    db: drizzlePostgres(sql),
    ping: () => sql`select 1`,
    close: () => sql.end({ timeout: 5 }),
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
