import { and, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { sessions, shardCounts } from './schema.ts'

/** Not a tombstone; no revoked session is without this flag. */
export const isKept: SQL = sql`not ${sessions.isDeleted}`

/** Whether a row is of these shards, which are given as the text `{1,2,…}`; without them, of any. */
export const isOf = (shardId: SQLWrapper, shards: SQLWrapper | undefined): SQL | undefined =>
  shards && sql`${shardId} = any(${shards}::text::integer[])`

/**
 * How many sessions, of all shards or of some, are no tombstones: what the triggers of their table add up, so that
 * nobody has to count.
 */
export const keptCount = (shards?: SQLWrapper): SQL =>
  sql`(select coalesce(sum(${shardCounts.kept}), 0) from ${shardCounts} where ${isOf(shardCounts.shardId, shards) ?? sql`true`})`

/** How many of these have expired by `now` and wait for the sweep: few, at the beginning of an index. */
export const lateCount = (now: SQLWrapper, shards?: SQLWrapper): SQL =>
  sql`(select count(*) from ${sessions} where ${and(isKept, sql`${sessions.expiresAt} <= ${now}`, isOf(sessions.shardId, shards))})`
