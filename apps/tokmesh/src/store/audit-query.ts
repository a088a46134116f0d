import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import type { AuditEntry, AuditFilter, AuditQuery } from '../domain/audit.ts'
import { offsetOf } from '../domain/search.ts'
import type { Db } from './connection.ts'
import { auditCounts, auditLog } from './schema.ts'

/** What a row of sums is about, milliseconds. Migration 7 has the same number. */
const bucketMs = 600_000

/**
 * Returns a page of entries, newest first, and the number of all matches, both of one moment. The page comes from an
 * index and the number from sums, so neither takes longer the more entries there are, nor the deeper the page is.
 */
export function queryAudit(
  db: Db,
  { page, size, ...filter }: AuditQuery,
): Promise<{ readonly items: readonly AuditEntry[]; readonly total: number }> {
  const offset = offsetOf(page, size)
  const read = async (tx: Db) => {
    const { total, ...place } = await placeOf(tx, filter, offset)
    return { items: offset < total ? await pageAt(tx, filter, place, size) : [], total }
  }
  return db.transaction(read, { isolationLevel: 'repeatable read', accessMode: 'read only' })
}

/** Where a page begins. */
interface Place {
  /** Unix ms: only entries before this can be on the page. */
  readonly until: number | undefined
  /** Matches among these that come before the page. */
  readonly skip: number
}

function pageAt(db: Db, filter: AuditFilter, { until, skip }: Place, size: number) {
  return db
    .select()
    .from(auditLog)
    .where(matching({ ...filter, until }))
    .orderBy(desc(auditLog.timestamp), desc(auditLog.id))
    .limit(size)
    .offset(skip)
}

/**
 * Counts the matches of a filter, and finds the place of the one after the first `offset`, newest first: in the oldest
 * bucket whose number of newer matches is within `offset`.
 */
async function placeOf(db: Db, filter: AuditFilter, offset: number): Promise<Place & { readonly total: number }> {
  const { newest, oldest, whole } = parts(db, filter)
  const place = sql`(
    with ends as (select ${newest} as newest, ${oldest} as oldest),
    sums as (select bucket, sum(n) as n from ${auditCounts} where ${whole} group by bucket),
    places as (select bucket, newest + sum(n) over (order by bucket desc) - n as newer from sums, ends)
    select newest + oldest + (select coalesce(sum(n), 0) from sums) as total, bucket, newer
    from ends left join (
      select * from places where newer <= ${offset} order by bucket limit 1
    ) as reached on true
  ) as place`
  const number = (name: string) => sql.raw(name).mapWith(Number)
  const [row] = await db
    .select({ total: number('total'), bucket: number('coalesce(bucket, -1)'), newer: number('coalesce(newer, 0)') })
    .from(place)
  const { total = 0, bucket = -1, newer = 0 } = row ?? {}
  return { total, until: bucket < 0 ? filter.until : (bucket + 1) * bucketMs, skip: offset - newer }
}

/** A filter's range in three: whole buckets, which have sums, and what is left at its ends, which is counted. */
function parts(db: Db, filter: AuditFilter): { readonly newest: SQL; readonly oldest: SQL; readonly whole?: SQL } {
  const first = Math.ceil((filter.from ?? -Infinity) / bucketMs)
  const last = Math.floor((filter.until ?? Infinity) / bucketMs)
  const count = (part: AuditFilter) => sql`${db.$count(auditLog, matching({ ...filter, ...part }))}`
  const none = sql`0`
  if (first >= last) return { newest: count({}), oldest: none, whole: sql`false` }
  return {
    newest: filter.until === undefined ? none : count({ from: last * bucketMs }),
    oldest: filter.from === undefined ? none : count({ until: first * bucketMs }),
    whole: and(
      eq(auditCounts.operatorId, filter.operatorId ?? ''),
      filter.action && eq(auditCounts.action, filter.action),
      filter.from === undefined ? undefined : gte(auditCounts.bucket, first),
      filter.until === undefined ? undefined : lt(auditCounts.bucket, last),
    ) as SQL,
  }
}

function matching({ from, until, operatorId, action }: AuditFilter) {
  return and(
    from === undefined ? undefined : gte(auditLog.timestamp, from),
    until === undefined ? undefined : lt(auditLog.timestamp, until),
    operatorId === undefined ? undefined : eq(auditLog.operatorId, operatorId),
    action === undefined ? undefined : eq(auditLog.action, action),
  )
}
