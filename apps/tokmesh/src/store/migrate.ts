import { max, sql } from 'drizzle-orm'
import type { Db } from './connection.ts'
import type { Database } from './database.ts'
import { type Migration, migrations } from './migrations/index.ts'
import { schemaMigrations } from './schema.ts'

/** The database was made by a later version of this program. Trying again does not help. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError'
  readonly code = 'SCHEMA_TOO_NEW'
}

/** Any number that no other program takes its advisory locks with. */
const lockKey = 5_080_001

/** Migrations may wait for another process's, and build indexes. */
const limitMs = 120_000

const ledger = `
create table if not exists schema_migrations (
  version integer primary key,
  name text not null,
  applied_at bigint not null
)`

/**
 * Brings the schema up to date and returns the names of the steps that this call took. All of them happen in one
 * transaction under a lock: several processes may do this at once, and a killed one leaves nothing half done.
 * Rejects with {@link SchemaTooNewError}, or like {@link Database.run}; after `TM-SYS-5030` it can be called again.
 */
export async function migrate(
  database: Database,
  options: { readonly steps?: readonly Migration[]; readonly clock?: () => number } = {},
): Promise<readonly string[]> {
  // The long limit below is for a database that works; one that does not answer is told apart first.
  await database.ping()
  const steps = options.steps ?? migrations
  const known = steps.at(-1)?.version ?? 0
  const outcome = await database.run(
    (db) => db.transaction((tx) => apply(tx, steps, options.clock ?? Date.now)),
    limitMs,
  )
  if (outcome.found > known) {
    throw new SchemaTooNewError(
      `the database has schema version ${outcome.found}, this program knows ${known}: use a newer version of it`,
    )
  }
  return outcome.applied
}

async function apply(tx: Db, steps: readonly Migration[], clock: () => number) {
  await tx.execute(sql`set local statement_timeout = 0`)
  await tx.execute(sql`set local lock_timeout = 0`)
  await tx.execute(sql`select pg_advisory_xact_lock(${sql.raw(String(lockKey))})`)
  await tx.execute(sql.raw(ledger))
  const [row] = await tx.select({ version: max(schemaMigrations.version) }).from(schemaMigrations)
  const found = row?.version ?? 0
  const applied: string[] = []
  for (const step of steps.filter((each) => each.version > found)) {
    for (const statement of step.statements) await tx.execute(sql.raw(statement))
    await tx.insert(schemaMigrations).values({ version: step.version, name: step.name, appliedAt: clock() })
    applied.push(step.name)
  }
  return { found, applied }
}
