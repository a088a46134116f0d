import { PGlite } from '@electric-sql/pglite'
import { testDatabase } from '@honoscope/testing/postgres'
import { sql } from 'drizzle-orm'
import { getTableConfig } from 'drizzle-orm/pg-core'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import { describeStore } from '../../testing/store-contract.ts'
import { drizzleStore } from './drizzle-store.ts'
import { migrate } from './migrate.ts'
import { alertIncidents, alertNotifications, alertRemediations } from './schema.ts'
import { rowsOf, type SqlDatabase } from './sql-database.ts'

const tables = [alertIncidents, alertNotifications, alertRemediations]

const clear = async (db: SqlDatabase): Promise<void> => {
  for (const table of tables) await db.execute(sql`delete from ${table}`)
}

describeStore('drizzleStore() over postgres-js', async () => {
  const database = await testDatabase()
  const clients = [1, 2].map(() => postgres(database.url, { max: 8, onnotice: () => {} }))
  const [db, otherDb] = clients.map((client) => drizzle(client))
  if (!db || !otherDb) throw new Error('no database')
  await migrate(db)
  return {
    store: drizzleStore(db),
    other: drizzleStore(otherDb),
    clear: () => clear(db),
    async close() {
      await Promise.all(clients.map((client) => client.end()))
      await database.drop()
    },
  }
})

describeStore('drizzleStore() over PGlite', async () => {
  const client = await PGlite.create()
  const db = drizzlePglite(client)
  await migrate(db)
  return { store: drizzleStore(db), other: drizzleStore(db), clear: () => clear(db), close: () => client.close() }
})

it('migrate() can be called by many at once, and makes what the schema says', async () => {
  const database = await testDatabase()
  const client = postgres(database.url, { max: 6, onnotice: () => {} })
  const db = drizzle(client)
  await Promise.all(Array.from({ length: 6 }, () => migrate(db)))
  await migrate(db)
  for (const table of tables) {
    const { name, columns, indexes } = getTableConfig(table)
    const found = await rowsOf(
      db,
      sql`select column_name as name, is_nullable = 'NO' as "notNull",
        case when data_type = 'ARRAY' then 'text[]' else data_type end as type
        from information_schema.columns where table_name = ${name} order by ordinal_position`,
    )
    expect([...found]).toEqual(columns.map((c) => ({ name: c.name, notNull: c.notNull, type: c.getSQLType() })))
    const made = await rowsOf(db, sql`select indexname as name from pg_indexes where tablename = ${name}`)
    const names = made.map((row) => row.name).filter((one) => !String(one).endsWith('_pkey'))
    expect(names.toSorted()).toEqual(indexes.map(({ config }) => config.name).toSorted())
  }
  await client.end()
  await database.drop()
}, 60_000)
