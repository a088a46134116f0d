import { PGlite } from '@electric-sql/pglite'
import { runtime } from '@honoscope/testing'
import { type TestDatabase, testDatabase } from '@honoscope/testing/postgres'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { schema } from './schema.ts'

/** A database of the tests' schema over some driver. */
export type TestDb = PgDatabase<PgQueryResultHKT, typeof schema>

/** A driver that is connected to a database of its own. */
export interface Opened {
  readonly db: TestDb
  readonly client: object
  /** Sends a statement past Drizzle. */
  send(statement: string): Promise<unknown>
  close(): Promise<void>
}

/** A driver, and how to open it. */
export interface Driver {
  readonly name: string
  open(): Promise<Opened>
}

const all: readonly Driver[] = [
  { name: 'postgres-js', open: openPostgresJs },
  { name: 'node-postgres', open: openNodePostgres },
  { name: 'pglite', open: openPglite },
  { name: 'bun-sql', open: openBun },
]

/** The drivers that run under this runtime. */
export const drivers: readonly Driver[] = all.filter(({ name }) => name !== 'bun-sql' || runtime === 'bun')

async function openPostgresJs(): Promise<Opened> {
  const database = await testDatabase()
  const client = postgres(database.url, { max: 4, onnotice: () => {} })
  return opened(drizzlePostgres(client, { schema }), client, database, {
    send: (statement) => client.unsafe(statement),
    end: () => client.end(),
  })
}

async function openNodePostgres(): Promise<Opened> {
  const database = await testDatabase()
  const client = new pg.Pool({ connectionString: database.url, max: 4 })
  return opened(drizzlePg(client, { schema }), client, database, {
    send: (statement) => client.query(statement),
    end: () => client.end(),
  })
}

async function openPglite(): Promise<Opened> {
  const client = await PGlite.create()
  return opened(drizzlePglite(client, { schema }), client, undefined, {
    send: (statement) => client.exec(statement),
    end: async () => {
      if (!client.closed) await client.close()
    },
  })
}

async function openBun(): Promise<Opened> {
  // Its types need Bun's, which are not there under Node.
  const library: object = await import('drizzle-orm/bun-sql')
  const drizzle: (url: string, config: object) => TestDb & { $client: BunSql } = Reflect.get(library, 'drizzle')
  const database = await testDatabase()
  const db = drizzle(database.url, { schema })
  const client = db.$client
  return opened(db, client, database, { send: (statement) => client.unsafe(statement), end: () => client.close() })
}

/** What of Bun's SQL is used here; this package is compiled with Node's types. */
interface BunSql {
  unsafe(statement: string): Promise<unknown>
  close(): Promise<void>
}

interface Controls {
  send(statement: string): Promise<unknown>
  end(): Promise<unknown>
}

function opened(
  // biome-ignore lint/suspicious/noExplicitAny: each driver has a result type of its own.
  db: PgDatabase<any, typeof schema>,
  client: object,
  database: TestDatabase | undefined,
  { send, end }: Controls,
): Opened {
  return {
    db,
    client,
    send,
    async close() {
      await end()
      await database?.drop()
    },
  }
}
