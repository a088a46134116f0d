import { and, asc, eq, gt, inArray, lt, type SQLWrapper, sql } from 'drizzle-orm'
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
    touch: db
      .update(sessions)
      .set({ lastActive: sql`${given('now')}`, version: oneMore })
      .where(and(eq(sessions.id, given('id')), isActive, lt(sessions.lastActive, given('now'))))
      .returning()
      .prepare('session_touch'),
    access: db
      .update(sessions)
      .set({
        lastActive,
        version: oneMore,
        lastAccessIp: sql`${given('ip')}`,
        lastAccessUa: sql`${given('ua')}`,
      })
      .where(and(eq(sessions.tokenHash, given('tokenHash')), isActive))
      .returning()
      .prepare('session_access'),
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
      revoked: number(sql`(select count(*) from revoked)`),
    })
    .from(sql`(values (1)) as one`)
}
