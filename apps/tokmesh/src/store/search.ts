import { and, asc, desc, eq, getTableColumns, gt, lte, type SQL, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import type { SessionPage, SessionSearch } from '../domain/search.ts'
import type { Db } from './connection.ts'
import { isKept, keptCount, lateCount } from './counts.ts'
import type { Database } from './database.ts'
import { sessions } from './schema.ts'

/** Returns the page of a search and the number of all matches: one statement reads both, and so at one moment. */
export async function search(
  { read }: Pick<Database, 'read'>,
  query: SessionSearch,
  now: number,
): Promise<SessionPage> {
  const rows = await read((db) => searchStatement(db, query, now))
  return { items: rows.flatMap(({ session }) => session ?? []), total: rows[0]?.total ?? 0 }
}

/**
 * The statement behind {@link search}: a row for each session on the page, or one row without a session. It has no
 * name, so that the server plans it anew for the values of each call: the best way to the sessions of one network is
 * the worst to those of another.
 */
export function searchStatement(db: Db, query: SessionSearch, now: number) {
  const { ctes, total, page } = query.status === 'active' ? active(db, query, now) : expired(db, query, now)
  return (
    db
      .with(...ctes, total, page)
      .select({ total: sql`${total.n}`.mapWith(Number), session: getTableColumns(sessions) })
      .from(total)
      .leftJoin(page, sql`true`)
      // Only now the rows: `page` comes from an index, so the matches before it cost no look at their sessions.
      .leftJoin(sessions, eq(sessions.id, page.id))
      .orderBy(...order(query, page))
  )
}

function active(db: Db, query: SessionSearch, now: number) {
  // The index of a user's active sessions is one of those that were not revoked. No tombstone is missed without this.
  const unrevoked = query.userId === undefined ? undefined : sql`${sessions.revokedAt} = 0`
  const wanted = and(isKept, unrevoked, gt(sessions.expiresAt, now), matches(query, columns))
  const n = matches(query, columns)
    ? sql`${db.$count(sessions, wanted)}`
    : sql`${keptCount()} - ${lateCount(sql`${now}`)}`
  const total = counted(db, n)
  if (!hasIndex(query)) return { ctes: [], total, page: cut(db, query, walkOrSort(db, query, wanted)) }
  const page = walk(db, query, and(wanted, isMoreThan(query.offset)), query.limit).offset(query.offset)
  return { ctes: [], total, page: db.$with('page').as(page) }
}

/**
 * Those that the sweep has flagged come in order from an index. Those that it has not come to are few, and stand
 * among the active ones: they are found by their expiry alone, and looked through afterwards. The planner takes them
 * for many, and would rather go through all of a key's sessions.
 */
function expired(db: Db, query: SessionSearch, now: number) {
  const late = and(isKept, lte(sessions.expiresAt, now))
  const unswept = db.$with('unswept').as(db.select(columns).from(sessions).where(late))
  const found = db
    .$with('found')
    .as(db.select({ id: unswept.id, at: unswept[query.sortBy] }).from(unswept).where(matches(query, unswept)))
  const swept = and(sessions.isDeleted, lte(sessions.expiresAt, now), matches(query, columns))
  const total = counted(db, sql`${db.$count(sessions, swept)} + (select count(*) from ${found})`)
  const flagged = hasIndex(query)
    ? walk(db, query, and(swept, isMoreThan(query.offset)), upTo(query))
    : walkOrSort(db, query, swept)
  const all = unionAll(flagged, db.select({ id: found.id, at: found.at }).from(found))
  return { ctes: [unswept, found], total, page: cut(db, query, all) }
}

/** Whether an index has the filters' sessions in the order that is asked for. */
function hasIndex({
  userId,
  deviceId,
  network,
  createdBy,
  createdFrom,
  createdBefore,
  ...query
}: SessionSearch): boolean {
  if (userId !== undefined) return false
  if (query.sortBy === 'createdAt') return query.activeFrom === undefined && !network?.includes('/')
  return [deviceId, network, createdBy, createdFrom, createdBefore].every((filter) => filter === undefined)
}

/** Matches that are rather sorted than found among all others: they take some 10 ms. */
const few = 5_000

/**
 * Without an index in the wanted order there are two ways: to find all matches and sort them, or to walk through
 * everything in order until the page is full. The first suits few matches and the second many, and the count tells
 * which these are. The planner can but guess, and a wrong guess is a walk through a million sessions for nothing.
 */
function walkOrSort(db: Db, query: SessionSearch, wanted: SQL | undefined) {
  const many = and(wanted, isMoreThan(Math.max(query.offset, few)))
  const notMany = and(wanted, isMoreThan(query.offset), sql`(select n from total) <= ${few}`)
  // The limit is not one: it keeps the planner from looking for the few in the order of the page.
  const sorted = db.select(key(query)).from(sessions).where(notMany).limit(Number.MAX_SAFE_INTEGER)
  return unionAll(walk(db, query, many, upTo(query)), sorted)
}

/** The first matches in order. */
function walk(db: Db, query: SessionSearch, wanted: SQL | undefined, limit: number) {
  return db
    .select(key(query))
    .from(sessions)
    .where(wanted)
    .orderBy(...order(query, key(query)))
    .limit(limit)
}

/** The page, of more than its matches. */
function cut(db: Db, query: SessionSearch, rows: ReturnType<typeof walkOrSort>) {
  const sorted = rows.orderBy(...order(query, key(query)))
  return db.$with('page').as(sorted.limit(query.limit).offset(query.offset))
}

const counted = (db: Db, n: SQL) => db.$with('total').as(db.select({ n: n.as('n') }).from(sql`(values (1)) as one`))

/** Past the end nothing is read: it would cost a walk through all matches. */
const isMoreThan = (offset: number) => sql`(select n from total) > ${offset}`

const upTo = ({ offset, limit }: SessionSearch) => Math.min(offset + limit, Number.MAX_SAFE_INTEGER)

/** What a search compares and sorts by. `ip` is `ip_address` as an address. */
const { id, userId, deviceId, createdBy, createdAt, lastActive } = sessions
const columns = { id, userId, deviceId, createdBy, createdAt, lastActive, ip: sql<string | null>`ip`.as('ip') }

const key = ({ sortBy }: SessionSearch) => ({ id: sessions.id, at: sessions[sortBy] })

type Column = Parameters<typeof asc>[0]

function order({ descending }: SessionSearch, by: { readonly at: Column; readonly id: Column }): SQL[] {
  const direction = descending ? desc : asc
  return [direction(by.at), direction(by.id)]
}

/** The filters, over the sessions or over what was selected of them. */
function matches(query: SessionSearch, from: Record<keyof typeof columns, Column>): SQL | undefined {
  return and(
    given(query.userId, (value) => sql`${from.userId} = ${value}`),
    // The second half is for the planner: the index leaves out the many sessions without a device.
    given(query.deviceId, (value) => sql`${from.deviceId} = ${value} and ${from.deviceId} <> ''`),
    given(query.network, (value) => sql`${from.ip} ${value.includes('/') ? inside : same} ${value}::inet`),
    given(query.createdBy, (value) => sql`${from.createdBy} = ${value}`),
    given(query.createdFrom, (value) => sql`${from.createdAt} >= ${value}`),
    given(query.createdBefore, (value) => sql`${from.createdAt} < ${value}`),
    given(query.activeFrom, (value) => sql`${from.lastActive} >= ${value}`),
  )
}

const [inside, same] = [sql`<<=`, sql`=`]

function given<T>(value: T | undefined, condition: (value: T) => SQL): SQL | undefined {
  return value === undefined ? undefined : condition(value)
}
