import { and, asc, gte, inArray, lte, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { Db } from './connection.ts'
import { isKept, isOf, keptCount, lateCount } from './counts.ts'
import { sessions } from './schema.ts'

const given = (name: string) => sql.placeholder(name)

/** When a tombstone's time to live begins; written as the index has it. */
const ended: SQL<number> = sql`greatest(${sessions.expiresAt}, ${sessions.revokedAt})`.mapWith(Number)

/** Of no rows, an aggregate is `null`, which Drizzle leaves to itself. */
const perhaps = (value: SQLWrapper) => sql<number | null>`${value}`.mapWith(Number) as SQL<number | null>

const number = (value: SQLWrapper) => sql<number>`${value}`.mapWith(Number)

const one: SQL = sql`(values (1)) as one`

/**
 * Builds the statements of the sweep and of the counts: for all shards and, since a condition on shards costs
 * something, others for some shards. Those take them as the text `{1,2,…}`.
 */
export function prepareSweep(db: Db) {
  return { all: scoped(db, ''), some: scoped(db, '_of_shards', given('shards')), remove: remove(db) }
}

function scoped(db: Db, suffix: string, shards?: SQLWrapper) {
  // In the order of the index, whose other column is the shard.
  const isOwn = and(isKept, gte(sessions.expiresAt, given('from')), isOf(sessions.shardId, shards))
  const expired = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(isOwn, lte(sessions.expiresAt, given('now'))))
    .orderBy(asc(sessions.expiresAt))
    .limit(given('sample'))
    .for('update', { skipLocked: true })
  const expiry = sql`(select ${sessions.expiresAt} from ${sessions} where ${isOwn} order by ${sessions.expiresAt} limit 1)`
  return {
    counts: db
      .select({ kept: number(keptCount(shards)), late: number(lateCount(given('now'), shards)) })
      .from(one)
      .prepare(`session_counts${suffix}`),
    due: db
      .select({
        expiry: perhaps(expiry),
        tombstone: perhaps(sql`(select min(${ended}) from ${sessions} where ${sessions.isDeleted})`),
      })
      .from(one)
      .prepare(`session_due${suffix}`),
    sweep: db
      .update(sessions)
      .set({ isDeleted: true })
      .where(inArray(sessions.id, expired))
      .returning({ id: sessions.id })
      .prepare(`session_sweep${suffix}`),
  }
}

/** Whoever comes first removes tombstones, whichever shard they are of: they are no one's but the table's. */
function remove(db: Db) {
  const due = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(sessions.isDeleted, lte(ended, given('endedBy'))))
    .orderBy(ended)
    .limit(given('limit'))
    .for('update', { skipLocked: true })
  return db.delete(sessions).where(inArray(sessions.id, due)).returning({ id: sessions.id }).prepare('session_remove')
}
