import { sql } from 'drizzle-orm'
import type { Message } from '../../notifier.ts'
import type { AlertStore, Claimed, DeadLetter, Waiting } from '../store.ts'
import {
  numberOf,
  optionalNumberOf,
  optionalTextOf,
  type Row,
  rowsOf,
  type SqlDatabase,
  textOf,
} from './sql-database.ts'

type Part = Pick<AlertStore, 'claim' | 'settle' | 'expire' | 'deadLetters' | 'revive' | 'backlog'>

/** Returns the part of the store that hands out messages. Each call is one statement. */
export function notifications(db: SqlDatabase): Part {
  return {
    claim: (notifier, nowMs, leaseMs, limit) => claim(db, notifier, nowMs, leaseMs, limit),
    settle: (claimed, settlement, nowMs) => settle(db, claimed, settlement, nowMs),
    async expire(notifiers, createdBeforeMs, nowMs) {
      const rows = await rowsOf(
        db,
        sql`update honoscope_alert_notifications
          set state = 'dead', ended_at = ${nowMs}::bigint, error = 'there is no notifier of this name'
          where state = 'waiting' and created_at < ${createdBeforeMs}::bigint and due_at <= ${nowMs}::bigint
            and notifier <> all (array(select jsonb_array_elements_text(${JSON.stringify(notifiers)}::text::jsonb)))
          returning message_id`,
      )
      return rows.length
    },
    async deadLetters(limit) {
      const rows = await rowsOf(
        db,
        sql`select * from honoscope_alert_notifications where state = 'dead'
          order by ended_at desc, seq desc limit ${limit}::integer`,
      )
      return rows.map(
        (row): DeadLetter => ({
          ...waitingOf(row),
          error: textOf(row, 'error'),
          diedAt: numberOf(row, 'ended_at'),
        }),
      )
    },
    async revive(messageId, nowMs) {
      const rows = await rowsOf(
        db,
        sql`update honoscope_alert_notifications set state = 'waiting', attempts = 0, ended_at = null,
          created_at = ${nowMs}::bigint, due_at = ${nowMs}::bigint
          where message_id = ${messageId}::text and state = 'dead' returning message_id`,
      )
      return rows.length > 0
    },
    async backlog() {
      const [row = {}] = await rowsOf(
        db,
        sql`select count(*) as waiting, min(created_at) as oldest,
          (select count(*) from honoscope_alert_notifications where state = 'dead') as dead
          from honoscope_alert_notifications where state = 'waiting'`,
      )
      const oldestAt = optionalNumberOf(row, 'oldest')
      return { waiting: numberOf(row, 'waiting'), dead: numberOf(row, 'dead'), oldestAt }
    },
  }
}

async function claim(
  db: SqlDatabase,
  notifier: string,
  nowMs: number,
  leaseMs: number,
  limit: number,
): Promise<readonly Claimed[]> {
  const leasedUntil = nowMs + leaseMs
  const rows = await rowsOf(
    db,
    sql`update honoscope_alert_notifications as n set due_at = ${leasedUntil}::bigint
      from (
        select w.message_id from honoscope_alert_notifications as w
        where w.state = 'waiting' and w.notifier = ${notifier}::text and w.due_at <= ${nowMs}::bigint
          and (w.status = 'firing' or not exists (
            select 1 from honoscope_alert_notifications as b
            where b.state = 'waiting' and b.status = 'firing' and b.notifier = w.notifier
              and b.seq < w.seq and b.incidents && w.incidents))
        order by w.due_at, w.seq limit ${limit}::integer
        for update skip locked
      ) as due
      where n.message_id = due.message_id
      returning n.*`,
  )
  // The order of what an update returns is its own.
  return [...rows]
    .sort((a, b) => numberOf(a, 'seq') - numberOf(b, 'seq'))
    .map((row) => ({ ...waitingOf(row), leasedUntil }))
}

async function settle(
  db: SqlDatabase,
  claimed: Claimed,
  settlement: Parameters<AlertStore['settle']>[1],
  nowMs: number,
): Promise<void> {
  const { id } = claimed.message
  if (settlement.kind === 'sent') {
    await db.execute(sql`update honoscope_alert_notifications set state = 'sent', ended_at = ${nowMs}::bigint, error = ''
      where message_id = ${id}::text and state <> 'sent'`)
    return
  }
  const held = sql`message_id = ${id}::text and state = 'waiting' and due_at = ${claimed.leasedUntil}::bigint`
  const change =
    settlement.kind === 'dead'
      ? sql`state = 'dead', ended_at = ${nowMs}::bigint`
      : sql`due_at = ${settlement.atMs}::bigint`
  await db.execute(sql`update honoscope_alert_notifications
    set attempts = attempts + 1, error = ${settlement.error}::text, ${change} where ${held}`)
}

function waitingOf(row: Row): Waiting {
  return {
    notifier: textOf(row, 'notifier'),
    message: JSON.parse(textOf(row, 'message')) as Message,
    trace: optionalTextOf(row, 'trace'),
    attempts: numberOf(row, 'attempts'),
    createdAt: numberOf(row, 'created_at'),
  }
}
