/** What the tests of the app share: an empty, migrated database of either kind. */
import { testDatabase } from '@honoscope/testing/postgres'
import { sql } from 'drizzle-orm'
import { type Database, type DatabaseOptions, openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'

/** The databases that every rule must hold on. */
export const databaseKinds = ['pglite', 'postgres'] as const

/** One of {@link databaseKinds}. */
export type DatabaseKind = (typeof databaseKinds)[number]

/** A database for a test file. */
export interface DatabaseUnderTest {
  readonly database: Database
  /** `undefined` for the embedded one. */
  readonly url: string | undefined
  /** Removes every session and key. */
  empty(): Promise<void>
  close(): Promise<void>
}

/** Opens a migrated database that nothing else uses. */
export async function openTestDatabase(
  kind: DatabaseKind,
  options: Partial<DatabaseOptions> = {},
): Promise<DatabaseUnderTest> {
  const external = kind === 'postgres' ? await testDatabase() : undefined
  const database = await openDatabase({ dataDir: 'memory://', ...options, url: external?.url })
  await migrate(database)
  return {
    database,
    url: external?.url,
    async empty() {
      await database.run((db) => db.execute(sql`truncate sessions, api_keys`))
    },
    async close() {
      await database.close()
      await external?.drop()
    },
  }
}
