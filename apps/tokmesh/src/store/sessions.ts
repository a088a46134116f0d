import { alwaysFresh, type Freshness, neverFresh } from '../cluster/freshness.ts'
import type { SessionRecord } from '../domain/session.ts'
import type { InsertOutcome } from '../domain/session-store.ts'
import type { Database } from './database.ts'
import { DatabaseFault, isConflict, toTokMeshError } from './faults.ts'
import { type NodeSessions, type RememberedOptions, remembered } from './remembered.ts'
import { search } from './search.ts'
import type { SessionRows } from './session-rows.ts'
import { prepareSharedStatements } from './shared-statements.ts'
import { shareWrites } from './shared-writes.ts'
import { prepareStatements } from './statements.ts'
import { createSweepStore } from './sweep.ts'

/** Options of {@link createSessionStore}. */
export interface SessionStoreOptions extends Omit<RememberedOptions, 'freshness'> {
  /** What vouches for the node's memory. Default: nothing, where others may write, so that reads ask the database. */
  readonly freshness?: Freshness | undefined
}

/** Returns the session store of this node over the database, with what it remembers and the touches it has to write. */
export function createSessionStore(database: Database, options: SessionStoreOptions = {}): NodeSessions {
  const { freshness = database.kind === 'embedded' ? alwaysFresh : neverFresh } = options
  return remembered(createSessionRows(database), { ...options, freshness })
}

/** Its statements are prepared once for each connection. */
function createSessionRows(database: Database): SessionRows {
  const { run } = database
  const statements = prepareStatements(database.db)
  return {
    async insert(record, maxPerUser) {
      const [row] = await run(() =>
        statements.create.execute({ ...record, data: JSON.stringify(record.data), maxPerUser }),
      )
      return row as InsertOutcome
    },
    find: async (key) =>
      first(run(() => ('id' in key ? statements.byId.execute(key) : statements.byToken.execute(key)))),
    async writeTouches(list, passLocked) {
      const touches = JSON.stringify(
        list.map(({ id, accesses, at, ip, userAgent }) => ({ id, accesses, at, ip, user_agent: userAgent })),
      )
      return run(() => (passLocked ? statements.touchesUnlocked : statements.touches).execute({ touches }))
    },
    ...createSharedRows(database, statements),
    async revokeAllOf(userId, now, limit) {
      const [row] = await run(() => statements.revokeAll.execute({ userId, now, limit }))
      return row ?? { active: 0, ids: [] }
    },
    ...createSweepStore(database),
    search: (query, now) => search(database, query, now),
    isConflict,
  }
}

/** Writes to one session that share their statements while there are many of them. */
function createSharedRows(
  { db, run }: Database,
  statements: ReturnType<typeof prepareStatements>,
): Pick<SessionRows, 'renew' | 'revoke'> {
  const shared = prepareSharedStatements(db)
  const tooLate = () => toTokMeshError(new DatabaseFault('DEADLINE'))
  const renew = shareWrites({
    ...{ isConflict, tooLate },
    one: ({ id, now, ttl }: { id: string; now: number; ttl: number }) =>
      first(run(() => statements.renew.execute({ id, now, ttl, expiresAt: now + ttl * 1000 }))),
    many(list) {
      const calls = list.map((call) => ({ ...call, expires_at: call.now + call.ttl * 1000 }))
      return run(() => shared.renewMany.execute({ calls: JSON.stringify(calls) }))
    },
  })
  const revoke = shareWrites({
    ...{ isConflict, tooLate },
    one: (call: { id: string; now: number }) => first(run(() => statements.revoke.execute(call))),
    many: (calls) => run(() => shared.revokeMany.execute({ calls: JSON.stringify(calls) })),
  })
  return {
    renew: (id, now, ttl) => renew({ id, now, ttl }),
    revoke: (id, now) => revoke({ id, now }),
  }
}

async function first(rows: Promise<SessionRecord[]>): Promise<SessionRecord | undefined> {
  return (await rows)[0]
}
