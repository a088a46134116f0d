import { max, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { migrations } from './migrations/index.ts'
import { schemaMigrations } from './schema.ts'

/** Where the schema of a database stands. */
export interface SchemaState {
  /** Of the last step that was taken; 0 for an empty database. */
  readonly version: number
  /** Of the last step that this program knows. */
  readonly known: number
  /** Names of the steps that `migrate` would take, in order. */
  readonly pending: readonly string[]
}

/** Where the schema stands. It changes nothing. Rejects like {@link Database.run}. */
export async function pendingMigrations(database: Database): Promise<SchemaState> {
  const version = await database.run(async (db) => {
    const there = sql<boolean>`to_regclass('schema_migrations') is not null`
    const [ledger] = await db.select({ there }).from(sql`(values (1)) as one`)
    if (!ledger?.there) return 0
    const [row] = await db.select({ version: max(schemaMigrations.version) }).from(schemaMigrations)
    return row?.version ?? 0
  })
  const known = migrations.at(-1)?.version ?? 0
  return { version, known, pending: migrations.filter((step) => step.version > version).map(({ name }) => name) }
}
