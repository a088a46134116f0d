import { expect, it } from 'vitest'
import { readConfig } from '../config.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { migrations } from '../store/migrations/index.ts'
import { manageKeys } from './manage.ts'
import { migrateSchema } from './migrate.ts'

const { config } = readConfig({})

it('waits for the end of a migration, however long it takes: closing the database would take all of it back', async () => {
  const opened = await openDatabase({ dataDir: 'memory://' })
  const limits: (number | undefined)[] = []
  const database: Database = {
    ...opened,
    run(query, limitMs) {
      limits.push(limitMs)
      return opened.run(query, limitMs)
    },
  }
  const { json } = await migrateSchema({ config, database }, {})
  expect(json).toEqual({ version: migrations.length, applied: migrations.map(({ name }) => name) })
  await manageKeys({ config, database }, async () => {})
  expect(limits.filter((limit) => limit === Number.POSITIVE_INFINITY)).toHaveLength(2)
  expect(limits).not.toContain(120_000)
  await opened.close()
})
