import { and, asc, desc, eq, getTableColumns, gt, gte, lt, lte, type SQL, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import type { SessionPage, SessionSearch } from '../domain/search.ts'
import type { Db } from './connection.ts'
import type { Database } from './database.ts'
import { sessions } from './schema.ts'

/** Returns the page of a search and the number of all matches: one statement reads both, and so at one moment. */
export async function search({ run }: Database, query: SessionSearch, now: number): Promise<SessionPage> {
  const rows = await run((db) => searchStatement(db, query, now))
  return { items: rows.flatMap(({ session }) => session ?? []), total: rows[0]?.total ?? 0 }
}

/**
 * The statement behind {@link search}: a row for each session on the page, or one row without a session. It has no
 * name, so that the server plans it anew for the values of each call: the best way to the sessions of one network is
 * the worst to those of another.
 */
export function searchStatement(db: Db, query: SessionSearch, now: number) {
  const { total, page, ctes } = query.status === 'active' ? findActive(db, query, now) : findExpired(db, query, now)
  return (
    db
      .with(...ctes)
      .select({ total: sql`${total.n}`.mapWith(Number), session: getTableColumns(sessions) })
      .from(total)
      .leftJoin(page, sql`true`)
      // Only now the rows: `page` comes from an index, so the matches before it cost no look at their sessions.
      .leftJoin(sessions, eq(sessions.id, page.id))
      .orderBy(...inOrder(query, page))
  )
}

function findActive(db: Db, query: SessionSearch, now: number) {
  const active = and(isKept, gt(sessions.expiresAt, now), matches(query))
  const total = db.$with('total').as(countedAs(db, sql`${db.$count(sessions, active)}`))
  const page = db.$with('page').as(
    select(db, query)
      .where(and(active, notPast(query)))
      .orderBy(...inOrder(query, key(query)))
      .limit(query.limit)
      .offset(query.offset),
  )
  return { total, page, ctes: [total, page] }
}

/**
 * Those that the sweep has flagged come in order from an index. Those that it has not come to are few, and stand
 * among the active ones: they are looked up by their expiry first, as a CTE that is used twice is.
 */
function findExpired(db: Db, query: SessionSearch, now: number) {
  const expired = and(lte(sessions.expiresAt, now), matches(query))
  const swept = and(sessions.isDeleted, expired)
  const unswept = db.$with('unswept').as(select(db, query).where(and(isKept, expired)))
  const total = db
    .$with('total')
    .as(countedAs(db, sql`${db.$count(sessions, swept)} + (select count(*) from ${unswept})`))
  const firstSwept = select(db, query)
    .where(and(swept, notPast(query)))
    .orderBy(...inOrder(query, key(query)))
    .limit(Math.min(query.offset + query.limit, Number.MAX_SAFE_INTEGER))
  const page = db.$with('page').as(
    unionAll(firstSwept, db.select({ id: unswept.id, at: unswept.at }).from(unswept))
      .orderBy(...inOrder(query, key(query)))
      .limit(query.limit)
      .offset(query.offset),
  )
  return { total, page, ctes: [unswept, total, page] }
}

/** Not a tombstone; no revoked session is without this flag. */
const isKept = sql`not ${sessions.isDeleted}`

const key = ({ sortBy }: SessionSearch) => ({ id: sessions.id, at: sessions[sortBy] })

const select = (db: Db, query: SessionSearch) => db.select(key(query)).from(sessions)

const countedAs = (db: Db, n: SQL) => db.select({ n: n.as('n') }).from(sql`(values (1)) as one`)

/** Of a page past the end nothing is read: it would cost a walk through all matches. */
const notPast = ({ offset }: SessionSearch) => (offset > 0 ? sql`(select n from total) > ${offset}` : undefined)

function inOrder({ descending }: SessionSearch, { at, id }: { readonly at: Column; readonly id: Column }): SQL[] {
  const direction = descending ? desc : asc
  return [direction(at), direction(id)]
}

type Column = Parameters<typeof asc>[0]

function matches(query: SessionSearch): SQL | undefined {
  const { userId, deviceId, network, createdBy, createdFrom, createdBefore, activeFrom } = query
  return and(
    given(userId, (value) => eq(sessions.userId, value)),
    // The second half is for the planner: the index leaves out the many sessions without a device.
    given(deviceId, (value) => and(eq(sessions.deviceId, value), sql`${sessions.deviceId} <> ''`)),
    given(network, (value) => (value.includes('/') ? sql`ip <<= ${value}::inet` : sql`ip = ${value}::inet`)),
    given(createdBy, (value) => eq(sessions.createdBy, value)),
    given(createdFrom, (value) => gte(sessions.createdAt, value)),
    given(createdBefore, (value) => lt(sessions.createdAt, value)),
    given(activeFrom, (value) => gte(sessions.lastActive, value)),
  )
}

function given<T>(value: T | undefined, condition: (value: T) => SQL | undefined): SQL | undefined {
  return value === undefined ? undefined : condition(value)
}
