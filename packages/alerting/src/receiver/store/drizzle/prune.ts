import { type SQL, sql } from 'drizzle-orm'
import { rowsOf, type SqlDatabase } from './sql-database.ts'

const batch = 1_000

/** Removes what is old, a thousand rows in a statement, and returns how many. Nobody waits for it: rows that are locked stay. */
export async function prune(db: SqlDatabase, beforeMs: number, deadBeforeMs: number): Promise<number> {
  const before = sql`${beforeMs}::bigint`
  return (
    (await remove(db, 'honoscope_alert_incidents', sql`seen_at < ${before}`)) +
    (await remove(db, 'honoscope_alert_notifications', sql`state = 'sent' and ended_at < ${before}`)) +
    (await remove(db, 'honoscope_alert_notifications', sql`state = 'dead' and ended_at < ${deadBeforeMs}::bigint`)) +
    (await remove(
      db,
      'honoscope_alert_remediations',
      sql`requested_at < ${before} and result not in ('waiting', 'running')`,
    ))
  )
}

async function remove(db: SqlDatabase, name: string, which: SQL): Promise<number> {
  const table = sql.raw(name)
  for (let removed = 0; ; ) {
    const rows = await rowsOf(
      db,
      sql`delete from ${table} where ctid = any (array(
        select ctid from ${table} where ${which} limit ${batch} for update skip locked)) returning 1 as one`,
    )
    removed += rows.length
    if (rows.length < batch) return removed
  }
}
