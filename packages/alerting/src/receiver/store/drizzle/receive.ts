import { sql } from 'drizzle-orm'
import type { Alert, Incident } from '../../alert.ts'
import { judgeAll } from '../judge-all.ts'
import type { AlertStore, Notification, Plan, Received, RemediationTask } from '../store.ts'
import {
  numberOf,
  optionalNumberOf,
  type Row,
  rowsOf,
  type SqlDatabase,
  type SqlRunner,
  textOf,
} from './sql-database.ts'

/** Returns the part of the store that takes deliveries: one transaction each, of at most six statements. */
export function receiver(db: SqlDatabase): AlertStore['receive'] {
  return (alerts, judge, plan, nowMs) =>
    db.transaction(
      async (tx): Promise<Received> => {
        const judged = judgeAll(alerts, judge, await lock(tx, alerts, nowMs))
        await writeIncidents(tx, judged.incidents)
        if (judged.changes.length > 0) await writePlan(tx, plan(judged.changes), nowMs)
        return judged
      },
      // Each statement is to see what the one that held the lock before has written.
      { isolationLevel: 'read committed' },
    )
}

/**
 * Locks the incidents of the alerts, in the order of their fingerprints: two deliveries of the same alerts wait for each
 * other and not both. Fingerprints that are new get a row to lock.
 */
async function lock(tx: SqlRunner, alerts: readonly Alert[], nowMs: number): Promise<ReadonlyMap<string, Incident>> {
  const fingerprints = JSON.stringify([...new Set(alerts.map(({ fingerprint }) => fingerprint))])
  await tx.execute(sql`insert into honoscope_alert_incidents (fingerprint, id, status, starts_at, seen_at)
    select f, '', 'resolved', 0, ${nowMs}::bigint from jsonb_array_elements_text(${fingerprints}::text::jsonb) as f
    order by f collate "C" on conflict do nothing`)
  const rows = await rowsOf(
    tx,
    sql`select * from honoscope_alert_incidents
      where fingerprint = any (array(select jsonb_array_elements_text(${fingerprints}::text::jsonb)))
      order by fingerprint collate "C" for update`,
  )
  const known = rows.filter((row) => textOf(row, 'id') !== '').map(incidentOf)
  return new Map(known.map((incident) => [incident.fingerprint, incident]))
}

function incidentOf(row: Row): Incident {
  return {
    id: textOf(row, 'id'),
    fingerprint: textOf(row, 'fingerprint'),
    status: textOf(row, 'status') === 'firing' ? 'firing' : 'resolved',
    startsAt: numberOf(row, 'starts_at'),
    endsAt: optionalNumberOf(row, 'ends_at'),
    seenAt: numberOf(row, 'seen_at'),
  }
}

/** Inserts rather than updates: a row may have been removed as old between the two statements above. */
async function writeIncidents(tx: SqlRunner, incidents: readonly Incident[]): Promise<void> {
  if (incidents.length === 0) return
  await tx.execute(sql`insert into honoscope_alert_incidents (fingerprint, id, status, starts_at, ends_at, seen_at)
    select x.fingerprint, x.id, x.status, x."startsAt", x."endsAt", x."seenAt"
    from jsonb_to_recordset(${JSON.stringify(incidents)}::text::jsonb)
      as x (fingerprint text, id text, status text, "startsAt" bigint, "endsAt" bigint, "seenAt" bigint)
    order by x.fingerprint collate "C"
    on conflict (fingerprint) do update set id = excluded.id, status = excluded.status,
      starts_at = excluded.starts_at, ends_at = excluded.ends_at, seen_at = excluded.seen_at`)
}

async function writePlan(tx: SqlRunner, { notifications, remediations }: Plan, nowMs: number): Promise<void> {
  if (notifications.length > 0) {
    await tx.execute(sql`insert into honoscope_alert_notifications
      (message_id, notifier, state, status, incidents, message, trace, attempts, created_at, due_at, error)
      select x.id, x.notifier, 'waiting', x.status, array(select jsonb_array_elements_text(x.incidents)),
        x.message, x.trace, 0, ${nowMs}::bigint, ${nowMs}::bigint, ''
      from jsonb_to_recordset(${JSON.stringify(notifications.map(notificationRow))}::text::jsonb)
        as x (n integer, id text, notifier text, status text, incidents jsonb, message text, trace text)
      order by x.n`)
  }
  if (remediations.length > 0) {
    await tx.execute(sql`insert into honoscope_alert_remediations
      (incident_id, remediation, fingerprint, result, detail, alert, trace, requested_at)
      select x.incident, x.remediation, x.fingerprint, 'waiting', '', x.alert, x.trace, ${nowMs}::bigint
      from jsonb_to_recordset(${JSON.stringify(remediations.map(remediationRow))}::text::jsonb)
        as x (incident text, remediation text, fingerprint text, alert text, trace text)
      on conflict do nothing`)
  }
}

const notificationRow = ({ notifier, message, trace }: Notification, n: number) => ({
  ...{ n, id: message.id, notifier, status: message.status, trace },
  incidents: message.alerts.map(({ incidentId }) => incidentId),
  message: JSON.stringify(message),
})

const remediationRow = ({ incidentId, remediation, alert, trace }: RemediationTask) => ({
  ...{ incident: incidentId, remediation, fingerprint: alert.fingerprint, trace },
  alert: JSON.stringify(alert),
})
