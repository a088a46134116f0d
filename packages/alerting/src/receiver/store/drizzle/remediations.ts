import { sql } from 'drizzle-orm'
import type {
  AlertStore,
  ClaimedRemediation,
  RemediationClaim,
  RemediationRecord,
  RemediationTask,
  RunLimit,
} from '../store.ts'
import {
  numberOf,
  optionalNumberOf,
  optionalTextOf,
  type Row,
  rowsOf,
  type SqlDatabase,
  type SqlRunner,
  textOf,
} from './sql-database.ts'

type Part = Pick<AlertStore, 'claimRemediation' | 'settleRemediation' | 'remediations'>
type Ended = ClaimedRemediation['ended'][number]

/** Any number that no other program takes its advisory locks with. */
const lockKey = sql.raw('5080008')

/** Returns the part of the store that hands out remediations and keeps their audit. */
export function remediations(db: SqlDatabase): Part {
  return {
    async claimRemediation(claim, nowMs) {
      const open = sql`select 1 from honoscope_alert_remediations where result in ('waiting', 'running') limit 1`
      // Mostly there is nothing, and no need for a lock to find that out.
      if ((await rowsOf(db, open)).length === 0) return { task: undefined, ended: [] }
      return db.transaction(
        async (tx) => {
          // The runs of all processes are counted, so one process counts at a time.
          await tx.execute(sql`select pg_advisory_xact_lock(${lockKey})`)
          return claimOne(tx, claim, nowMs)
        },
        { isolationLevel: 'read committed' },
      )
    },
    async settleRemediation({ incidentId, remediation }, result, detail, nowMs) {
      await db.execute(sql`update honoscope_alert_remediations
        set result = ${result}::text, detail = ${detail}::text, ended_at = ${nowMs}::bigint
        where incident_id = ${incidentId}::text and remediation = ${remediation}::text
          and result in ('running', 'unknown')`)
    },
    async remediations(limit) {
      const rows = await rowsOf(
        db,
        sql`select * from honoscope_alert_remediations
          order by requested_at desc, incident_id desc, remediation limit ${limit}::integer`,
      )
      return rows.map(recordOf)
    },
  }
}

async function claimOne(tx: SqlRunner, claim: RemediationClaim, nowMs: number): Promise<ClaimedRemediation> {
  const { limits, leaseMs, maxWaitMs } = claim
  const ended = [
    ...(await end(tx, 'unknown', 'the process ended before it told', nowMs, lost(nowMs - leaseMs))),
    ...(await end(tx, 'expired', 'its turn came too late', nowMs, late(nowMs - maxWaitMs))),
  ]
  for (const [name, limit] of Object.entries(limits)) {
    if (await full(tx, name, limit, nowMs)) {
      const detail = `${limit.runs} in ${limit.perMs} ms are the limit`
      ended.push(...(await end(tx, 'limited', detail, nowMs, sql`result = 'waiting' and remediation = ${name}::text`)))
      continue
    }
    const task = await begin(tx, name, nowMs)
    if (task !== undefined) return { task, ended }
  }
  return { task: undefined, ended }
}

const lost = (beforeMs: number) => sql`result = 'running' and started_at <= ${beforeMs}::bigint`
const late = (beforeMs: number) => sql`result = 'waiting' and requested_at <= ${beforeMs}::bigint`

async function end(
  tx: SqlRunner,
  result: Ended['result'],
  detail: string,
  nowMs: number,
  which: ReturnType<typeof sql>,
): Promise<readonly Ended[]> {
  const rows = await rowsOf(
    tx,
    sql`update honoscope_alert_remediations set result = ${result}::text, detail = ${detail}::text,
      ended_at = ${nowMs}::bigint where ${which} returning remediation`,
  )
  return rows.map((row) => ({ remediation: textOf(row, 'remediation'), result }))
}

async function full(tx: SqlRunner, name: string, { runs, perMs }: RunLimit, nowMs: number): Promise<boolean> {
  const [row = {}] = await rowsOf(
    tx,
    sql`select count(*) as runs from honoscope_alert_remediations
      where remediation = ${name}::text and started_at > ${nowMs - perMs}::bigint`,
  )
  return numberOf(row, 'runs') >= runs
}

async function begin(tx: SqlRunner, name: string, nowMs: number): Promise<RemediationTask | undefined> {
  const [row] = await rowsOf(
    tx,
    sql`update honoscope_alert_remediations as r set result = 'running', started_at = ${nowMs}::bigint
      from (select incident_id from honoscope_alert_remediations
        where result = 'waiting' and remediation = ${name}::text order by requested_at, incident_id limit 1) as next
      where r.incident_id = next.incident_id and r.remediation = ${name}::text
      returning r.*`,
  )
  if (row === undefined) return undefined
  const alert = JSON.parse(textOf(row, 'alert')) as RemediationTask['alert']
  return { incidentId: textOf(row, 'incident_id'), remediation: name, alert, trace: optionalTextOf(row, 'trace') }
}

function recordOf(row: Row): RemediationRecord {
  return {
    incidentId: textOf(row, 'incident_id'),
    remediation: textOf(row, 'remediation'),
    fingerprint: textOf(row, 'fingerprint'),
    result: textOf(row, 'result') as RemediationRecord['result'],
    detail: textOf(row, 'detail'),
    requestedAt: numberOf(row, 'requested_at'),
    startedAt: optionalNumberOf(row, 'started_at'),
    endedAt: optionalNumberOf(row, 'ended_at'),
  }
}
