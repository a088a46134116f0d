import type { KeyRecord, KeyStore } from '@honoscope/api-key'
import { runInScope } from '@honoscope/core'
import { and, count, desc, eq, lt, sql } from 'drizzle-orm'
import type { Db } from './connection.ts'
import type { Database } from './database.ts'
import { apiKeys } from './schema.ts'

/** Any number that no other lock of this program has. */
const firstKeysLock = 5_080_002

/** Returns the key store over the database. It rejects with `TokMeshError`s, which carry no parameter. */
export function createKeyStore(database: Database): KeyStore {
  const { run } = database
  const byId = database.db
    .select()
    .from(apiKeys)
    .where(eq(apiKeys.id, sql.placeholder('id')))
    .prepare('key_by_id')
  return {
    get: async (id) => (await run(() => byId.execute({ id })))[0],
    async insert(record) {
      const rows = await run((db) =>
        db.insert(apiKeys).values(record).onConflictDoNothing().returning({ id: apiKeys.id }),
      )
      return rows.length > 0
    },
    insertFirst: (records) => run((db) => db.transaction((tx) => insertFirst(tx, records))),
    async update(id, expectedVersion, changes) {
      const rows = await run((db) =>
        db
          .update(apiKeys)
          .set({ ...changes, version: expectedVersion + 1 })
          .where(and(eq(apiKeys.id, id), eq(apiKeys.version, expectedVersion)))
          .returning(),
      )
      return rows[0]
    },
    list: ({ page, size, role, status }) => {
      const matches = and(role ? eq(apiKeys.role, role) : undefined, status ? eq(apiKeys.status, status) : undefined)
      return run(async (db) => {
        const newestFirst = [desc(apiKeys.createdAt), desc(apiKeys.id)]
        const [items, total] = await Promise.all([
          db
            .select()
            .from(apiKeys)
            .where(matches)
            .orderBy(...newestFirst)
            .limit(size)
            .offset((page - 1) * size),
          db.$count(apiKeys, matches),
        ])
        return { items, total }
      })
    },
    count: () => run(async (db) => (await db.select({ n: count() }).from(apiKeys))[0]?.n ?? 0),
    async markUsed(uses) {
      if (uses.length === 0) return
      const given = sql`json_to_recordset(${JSON.stringify(uses)}) as given (id text, at bigint)`
      const used = sql`(select id, max(at) as at from ${given} group by id) as used`
      const mark = (db: Db) =>
        db
          .update(apiKeys)
          .set({ lastUsedAt: sql`used.at` })
          .from(used)
          .where(and(eq(apiKeys.id, sql`used.id`), lt(apiKeys.lastUsedAt, sql`used.at`)))
      // For all requests of an interval: the one whose use began it is not its trace.
      await runInScope(undefined, () => run(async (db) => void (await mark(db))))
    },
  }
}

async function insertFirst(tx: Db, records: readonly KeyRecord[]): Promise<boolean> {
  await tx.execute(sql`select pg_advisory_xact_lock(${sql.raw(String(firstKeysLock))})`)
  const [kept] = await tx.select({ n: count() }).from(apiKeys)
  if ((kept?.n ?? 0) > 0) return false
  if (records.length > 0) await tx.insert(apiKeys).values([...records])
  return true
}
