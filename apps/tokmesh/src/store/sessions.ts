import type { SessionRecord } from '../domain/session.ts'
import type { InsertOutcome, SessionStore } from '../domain/session-store.ts'
import type { Database } from './database.ts'
import { isConflict } from './faults.ts'
import { withMemory } from './memory.ts'
import { search } from './search.ts'
import { prepareStatements } from './statements.ts'
import { createSweepStore } from './sweep.ts'

/**
 * Returns the session store over the database. Over the embedded one, which this process has to itself, sessions
 * that it has seen are read from memory.
 */
export function createSessionStore(database: Database): SessionStore {
  const store = createPlainStore(database)
  return database.kind === 'embedded' ? withMemory(store) : store
}

/** Its statements are prepared once for each connection. */
function createPlainStore(database: Database): SessionStore {
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
    touch: async (id, now) => first(run(() => statements.touch.execute({ id, now }))),
    access: async (tokenHash, now, ip, ua) => first(run(() => statements.access.execute({ tokenHash, now, ip, ua }))),
    renew: async (id, now, ttl) =>
      first(run(() => statements.renew.execute({ id, now, ttl, expiresAt: now + ttl * 1000 }))),
    revoke: async (id, now) => first(run(() => statements.revoke.execute({ id, now }))),
    async revokeAllOf(userId, now, limit) {
      const [row] = await run(() => statements.revokeAll.execute({ userId, now, limit }))
      return row ?? { active: 0, revoked: 0 }
    },
    ...createSweepStore(database),
    search: (query, now) => search(database, query, now),
    isConflict,
  }
}

async function first(rows: Promise<SessionRecord[]>): Promise<SessionRecord | undefined> {
  return (await rows)[0]
}
