import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { sessions, shardCounts } from './schema.ts'

/** Not a tombstone; no revoked session is without this flag. */
export const isKept: SQL = sql`not ${sessions.isDeleted}`

/** How many sessions are no tombstones: what the triggers of their table add up, so that nobody has to count. */
export const keptCount: SQL = sql`(select coalesce(sum(${shardCounts.kept}), 0) from ${shardCounts})`

/** How many of these have expired by `now` and wait for the sweep: few, at the beginning of an index. */
export const lateCount = (now: SQLWrapper): SQL =>
  sql`(select count(*) from ${sessions} where ${isKept} and ${sessions.expiresAt} <= ${now})`
