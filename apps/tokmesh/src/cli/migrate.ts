import { migrate, noLimit } from '../store/migrate.ts'
import { pendingMigrations } from '../store/pending-migrations.ts'
import type { Call, Outcome } from './perform.ts'
import { withProgress } from './progress.ts'

/** Takes the steps that are pending, or lists them. */
export async function migrateSchema({ database }: Call, { dryRun }: { dryRun?: boolean }): Promise<Outcome> {
  if (dryRun) {
    const { version, pending } = await pendingMigrations(database)
    const text = pending.length > 0 ? pending.map((name) => `pending ${name}`).join('\n') : 'nothing is pending'
    return { text, json: { version, pending } }
  }
  const applied = await withProgress('bringing the schema up to date', () => migrate(database, { limitMs: noLimit }))
  const { version } = await pendingMigrations(database)
  const text = [...applied.map((name) => `applied ${name}`), `the schema is at version ${version}`].join('\n')
  return { text, json: { version, applied } }
}
