import { and, asc, eq, getTableColumns, gt, inArray, type SQLWrapper, sql } from 'drizzle-orm'
import type { InsertOutcome } from '../domain/session-store.ts'
import type { Db } from './connection.ts'
import { sessions } from './schema.ts'

const given = (name: string) => sql.placeholder(name)

// Conditions of partial indexes stand here as constants: the planner does not recognise them in parameters.
/** Not revoked and not expired at `now`. */
const isActive = and(sql`${sessions.revokedAt} = 0`, gt(sessions.expiresAt, given('now')))

const oneMore = sql`${sessions.version} + 1`
const lastActive = sql`greatest(${sessions.lastActive}, ${given('now')})`
const tombstone = { isDeleted: true, revokedAt: sql`${given('now')}` }

/** A number that an aggregate makes. */
const number = (value: SQLWrapper) => sql<number>`${value}`.mapWith(Number)

/** Builds the statements for requests; their names are what the server keeps their plans under. */
export function prepareStatements(db: Db) {
  return { ...reads(db), ...writes(db) }
}

function reads(db: Db) {
  return {
    byId: db
      .select()
      .from(sessions)
      .where(eq(sessions.id, given('id')))
      .prepare('session_by_id'),
    byToken: db
      .select()
      .from(sessions)
      .where(eq(sessions.tokenHash, given('tokenHash')))
      .prepare('session_by_token'),
  }
}

function writes(db: Db) {
  return {
    create: db
      .select({
        outcome: sql<InsertOutcome['outcome']>`outcome`,
        active: number(sql`active`),
      })
      .from(
        sql`tokmesh_create_session(${given('id')}, ${given('userId')}, ${given('tokenHash')}, ${given('ipAddress')},
          ${given('userAgent')}, ${given('deviceId')}, ${given('createdBy')}, ${given('createdAt')},
          ${given('expiresAt')}, ${given('data')}, ${given('shardId')}, ${given('ttl')}, ${given('maxPerUser')})`,
      )
      .prepare('session_create'),
    touches: touches(db, false).prepare('session_touches'),
    touchesUnlocked: touches(db, true).prepare('session_touches_unlocked'),
    renew: db
      .update(sessions)
      // A node whose clock is ahead may have swept it.
      .set({
        expiresAt: sql`${given('expiresAt')}`,
        ttl: sql`${given('ttl')}`,
        lastActive,
        version: oneMore,
        isDeleted: false,
      })
      .where(and(eq(sessions.id, given('id')), isActive))
      .returning()
      .prepare('session_renew'),
    revoke: db
      .update(sessions)
      .set(tombstone)
      .where(and(eq(sessions.id, given('id')), isActive))
      .returning()
      .prepare('session_revoke'),
    revokeAll: revokeAll(db).prepare('session_revoke_all'),
  }
}

/**
 * Writes the touches of many sessions, given as JSON. They are locked in the order of their ids, so that two nodes
 * can't block each other; with `passLocked` those that another transaction holds are passed over. A touch of no
 * accesses counts only if it raises `lastActive`; what came later from elsewhere is not undone.
 */
function touches(db: Db, passLocked: boolean) {
  const found = sql`(
    select id, given.accesses, given.at, given.ip, given.user_agent
    from json_to_recordset(${given('touches')}::json)
      as given(id text, accesses integer, at bigint, ip text, user_agent text)
    join ${sessions} using (id)
    where ${sessions.revokedAt} = 0 and ${sessions.expiresAt} > given.at
      and (given.accesses > 0 or ${sessions.lastActive} < given.at)
    order by id for update of ${sessions} ${sql.raw(passLocked ? 'skip locked' : '')}
  ) touched`
  return db
    .update(sessions)
    .set({
      lastActive: sql`greatest(${sessions.lastActive}, touched.at)`,
      version: sql`${sessions.version} + greatest(touched.accesses, 1)`,
      lastAccessIp: sql`coalesce(touched.ip, ${sessions.lastAccessIp})`,
      lastAccessUa: sql`coalesce(touched.user_agent, ${sessions.lastAccessUa})`,
    })
    .from(found)
    .where(sql`${sessions.id} = touched.id`)
    .returning(getTableColumns(sessions))
}

/** One statement, so that the count and the revoking see the same sessions; they are locked in the order of their ids. */
function revokeAll(db: Db) {
  const found = db.$with('found').as(
    db
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.userId, given('userId')), isActive))
      .orderBy(asc(sessions.id))
      .for('update'),
  )
  const revoked = db.$with('revoked').as(
    db
      .update(sessions)
      .set(tombstone)
      .where(
        and(inArray(sessions.id, sql`(select id from found)`), sql`(select count(*) from found) <= ${given('limit')}`),
      )
      .returning({ id: sessions.id }),
  )
  return db
    .with(found, revoked)
    .select({
      active: number(sql`(select count(*) from found)`),
      ids: sql<string[]>`(select coalesce(json_agg(id), '[]') from revoked)`,
    })
    .from(sql`(values (1)) as one`)
}
