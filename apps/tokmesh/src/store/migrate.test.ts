import { testDatabase } from '@honoscope/testing/postgres'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { databaseKinds } from '../testing/databases.ts'
import { fillTime, insertMany } from '../testing/many-sessions.ts'
import { spawnChild } from '../testing/spawn-child.ts'
import { type Database, openDatabase } from './database.ts'
import { migrate, noLimit } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { createSessionStore } from './sessions.ts'

async function fresh(kind: string): Promise<{ database: Database; close(): Promise<void> }> {
  const external = kind === 'postgres' ? await testDatabase() : undefined
  const database = await openDatabase({ dataDir: 'memory://', url: external?.url })
  return {
    database,
    async close() {
      await database.close()
      await external?.drop()
    },
  }
}

for (const kind of databaseKinds) {
  describe(`migrations on ${kind}`, () => {
    it('run once, in one transaction, and refuse a schema from the future', async () => {
      const { database, close } = await fresh(kind)
      const names = migrations.map(({ name }) => name)
      const known = names.length
      const broken = {
        version: known + 1,
        name: 'broken',
        statements: ['create table half (n int)', 'create nonsense'],
      }
      const later = { version: known + 1, name: 'later', statements: ['create table later (n int)'] }

      await expect(migrate(database, { steps: [...migrations, broken] })).rejects.toMatchObject({ code: 'TM-SYS-5001' })
      const tables = sql`select 1 from pg_class where relname in ('sessions', 'half', 'schema_migrations')`
      await expect(database.run((db) => db.$count(sql`(${tables}) as t`))).resolves.toBe(0)

      expect(await migrate(database)).toEqual(names)
      expect(await migrate(database)).toEqual([])
      expect(await migrate(database, { steps: [...migrations, later] })).toEqual(['later'])
      await expect(migrate(database)).rejects.toMatchObject({
        code: 'SCHEMA_TOO_NEW',
        message: `the database has schema version ${known + 1}, this program knows ${known}: use a newer version of it`,
      })
      await close()
    }, 60_000)

    it('of a database with sessions, of before the shards were counted, count them and go on counting', async () => {
      const { database, close } = await fresh(kind)
      await migrate(database, { steps: migrations.slice(0, 7) })
      await insertMany(database, 3000)
      expect(await migrate(database)).toContain('changes')
      const store = createSessionStore(database)
      const countRows = () => database.db.$count(sql`(select 1 from sessions where not is_deleted) as kept`)
      const before = await countRows()
      expect(before).toBeGreaterThan(2000)
      expect((await store.counts(fillTime)).kept).toBe(before)
      expect(await store.sweep(fillTime, 1000)).toBeGreaterThan(0)
      await store.revokeAllOf('user-7', fillTime, 100)
      const after = await countRows()
      expect(after).toBeLessThan(before)
      expect((await store.counts(fillTime)).kept).toBe(after)
      await close()
    }, 60_000)
  })
}

it('a migration ends with its limit, or takes as long as it takes', async () => {
  const { database, close } = await fresh('postgres')
  const slow = { version: migrations.length + 1, name: 'slow', statements: ['select pg_sleep(3)'] }
  const steps = [...migrations, slow]
  // Above the limit of every other statement, of the client and of the server.
  expect(await migrate(database, { steps, limitMs: noLimit })).toContain('slow')
  const again = [...steps, { ...slow, version: slow.version + 1 }]
  const early = migrate(database, { steps: again, limitMs: 50 })
  await expect(early).rejects.toMatchObject({ code: 'TM-SYS-5030', cause: { code: 'DEADLINE' } })
  await close()
}, 60_000)

it('migrations of several processes at once are taken once', async () => {
  const external = await testDatabase()
  const children = [1, 2, 3].map(() => spawnChild('open', 'memory://', external.url))
  await Promise.all(children.map((child) => child.ended()))
  const lines = children.flatMap((child) => child.lines).sort()
  expect(lines).toEqual(['migrated ', 'migrated ', `migrated ${migrations.map(({ name }) => name).join(',')}`])
  await external.drop()
}, 60_000)
