import { sql } from 'drizzle-orm'
import type { SqlDatabase } from './sql-database.ts'

/** Any number that no other program takes its advisory locks with. */
const lockKey = 5_080_007

const statements: readonly string[] = [
  `create table if not exists honoscope_alert_incidents (
    fingerprint text primary key,
    id text not null,
    status text not null,
    starts_at bigint not null,
    ends_at bigint,
    seen_at bigint not null
  )`,
  'create index if not exists honoscope_alert_incidents_seen on honoscope_alert_incidents (seen_at)',
  `create table if not exists honoscope_alert_notifications (
    message_id text primary key,
    seq bigint not null generated always as identity,
    notifier text not null,
    state text not null,
    status text not null,
    incidents text[] not null,
    message text not null,
    trace text,
    attempts integer not null,
    created_at bigint not null,
    due_at bigint not null,
    ended_at bigint,
    error text not null
  )`,
  `create index if not exists honoscope_alert_notifications_due on honoscope_alert_notifications
    (notifier, due_at, seq) where state = 'waiting'`,
  `create index if not exists honoscope_alert_notifications_begins on honoscope_alert_notifications
    using gin (incidents) where state = 'waiting' and status = 'firing'`,
  `create index if not exists honoscope_alert_notifications_ended on honoscope_alert_notifications
    (state, ended_at) where state <> 'waiting'`,
  `create table if not exists honoscope_alert_remediations (
    incident_id text not null,
    remediation text not null,
    fingerprint text not null,
    result text not null,
    detail text not null,
    alert text not null,
    trace text,
    requested_at bigint not null,
    started_at bigint,
    ended_at bigint,
    primary key (incident_id, remediation)
  )`,
  `create index if not exists honoscope_alert_remediations_open on honoscope_alert_remediations
    (requested_at) where result in ('waiting', 'running')`,
  `create index if not exists honoscope_alert_remediations_runs on honoscope_alert_remediations
    (remediation, started_at)`,
  `create index if not exists honoscope_alert_remediations_requested on honoscope_alert_remediations (requested_at)`,
]

/**
 * Makes the tables and indexes of `drizzleStore()` where they are missing, and resolves. Call it before the receiver is
 * made; any number of processes may do so at once. It rejects as the driver does, and then nothing is made.
 *
 * @example
 * ```ts
 * import { drizzleStore, migrate } from '@honoscope/alerting/receiver/drizzle'
 * import { drizzle } from 'drizzle-orm/postgres-js'
 *
 * const db = drizzle('postgres://alerts@db.example.com/alerts')
 * await migrate(db)
 * const store = drizzleStore(db)
 * ```
 */
export async function migrate(db: SqlDatabase): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${sql.raw(String(lockKey))})`)
    for (const statement of statements) await tx.execute(sql.raw(statement))
  })
}
