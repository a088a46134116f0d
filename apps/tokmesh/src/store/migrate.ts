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
const defaultLimitMs = 120_000

/** For {@link MigrateOptions.limitMs}: who waits for the end of it says when it has taken too long. */
export const noLimit: number = Number.POSITIVE_INFINITY

/** Options of {@link migrate}. */
export interface MigrateOptions {
  /** Default: those of this program. */
  readonly steps?: readonly Migration[]
  /** Unix ms. Default: `Date.now`. */
  readonly clock?: () => number
  /**
   * After so many milliseconds it rejects, though the database goes on; {@link noLimit} waits for the end. A caller
   * that then closes the database takes everything back. Default: 120,000.
   */
  readonly limitMs?: number
}

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
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<readonly string[]> {
  // The long limit below, or none, is for a database that works; one that does not answer is told apart first.
  await database.ping()
  const { steps = migrations, clock = Date.now, limitMs = defaultLimitMs } = options
  const known = steps.at(-1)?.version ?? 0
  const outcome = await database.run((db) => db.transaction((tx) => apply(tx, steps, clock)), limitMs)
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
