import type { AlertStore } from '../store.ts'
import { notifications } from './notifications.ts'
import { prune } from './prune.ts'
import { receiver } from './receive.ts'
import { remediations } from './remediations.ts'
import type { SqlDatabase } from './sql-database.ts'

/**
 * Returns a store in PostgreSQL, over any of Drizzle's drivers for it. What it has taken survives every process; several
 * may share it. The tables have to be there: call `migrate()` first. Its methods reject as the driver does.
 *
 * @example
 * ```ts
 * import { alertWebhook, type Notifier } from '@honoscope/alerting/receiver'
 * import { drizzleStore, migrate } from '@honoscope/alerting/receiver/drizzle'
 * import { drizzle } from 'drizzle-orm/postgres-js'
 *
 * declare const pager: Notifier
 *
 * const db = drizzle('postgres://alerts@db.example.com/alerts')
 * await migrate(db)
 * const receiver = alertWebhook({
 *   auth: 'the-token-that-alertmanager-sends',
 *   notifiers: { pager },
 *   routes: [{ notifiers: ['pager'] }],
 *   store: drizzleStore(db),
 * })
 * ```
 */
export function drizzleStore(db: SqlDatabase): AlertStore {
  return {
    receive: receiver(db),
    ...notifications(db),
    ...remediations(db),
    prune: (beforeMs, deadBeforeMs) => prune(db, beforeMs, deadBeforeMs),
  }
}
