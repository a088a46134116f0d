import { sql } from 'drizzle-orm'
import { bigint, index, integer, type PgTable, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'

// As `migrate()` makes them: for drizzle-kit, so that it does not take the tables for ones that nobody wants. A test
// holds the two against each other.
const unixMs = (name: string) => bigint(name, { mode: 'number' })

/** The latest incident of each fingerprint. */
export const alertIncidents: PgTable = pgTable(
  'honoscope_alert_incidents',
  {
    fingerprint: text('fingerprint').primaryKey(),
    /** Empty only within the transaction that hears of a fingerprint for the first time. */
    id: text('id').notNull(),
    status: text('status').notNull(),
    startsAt: unixMs('starts_at').notNull(),
    endsAt: unixMs('ends_at'),
    seenAt: unixMs('seen_at').notNull(),
  },
  (table) => [index('honoscope_alert_incidents_seen').on(table.seenAt)],
)

/** What is to be told, was told, or could not be. */
export const alertNotifications: PgTable = pgTable(
  'honoscope_alert_notifications',
  {
    messageId: text('message_id').primaryKey(),
    /** The order in which they came. */
    seq: bigint('seq', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    notifier: text('notifier').notNull(),
    /** `waiting`, `sent` or `dead`. */
    state: text('state').notNull(),
    status: text('status').notNull(),
    /** Ids of its incidents. */
    incidents: text('incidents').array().notNull(),
    /** The message as JSON. */
    message: text('message').notNull(),
    trace: text('trace'),
    attempts: integer('attempts').notNull(),
    createdAt: unixMs('created_at').notNull(),
    /** When it may be claimed: of one that is claimed, when that claim ends. */
    dueAt: unixMs('due_at').notNull(),
    endedAt: unixMs('ended_at'),
    error: text('error').notNull(),
  },
  (table) => [
    index('honoscope_alert_notifications_due').on(table.notifier, table.dueAt, table.seq).where(sql`state = 'waiting'`),
    index('honoscope_alert_notifications_begins')
      .using('gin', table.incidents)
      .where(sql`state = 'waiting' and status = 'firing'`),
    index('honoscope_alert_notifications_ended').on(table.state, table.endedAt).where(sql`state <> 'waiting'`),
  ],
)

/** The audit of the remediations. */
export const alertRemediations: PgTable = pgTable(
  'honoscope_alert_remediations',
  {
    incidentId: text('incident_id').notNull(),
    remediation: text('remediation').notNull(),
    fingerprint: text('fingerprint').notNull(),
    result: text('result').notNull(),
    detail: text('detail').notNull(),
    /** The alert as JSON. */
    alert: text('alert').notNull(),
    trace: text('trace'),
    requestedAt: unixMs('requested_at').notNull(),
    startedAt: unixMs('started_at'),
    endedAt: unixMs('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.incidentId, table.remediation] }),
    index('honoscope_alert_remediations_open').on(table.requestedAt).where(sql`result in ('waiting', 'running')`),
    index('honoscope_alert_remediations_runs').on(table.remediation, table.startedAt),
    index('honoscope_alert_remediations_requested').on(table.requestedAt),
  ],
)
