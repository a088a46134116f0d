import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, expect, it } from 'vitest'
import { openTestDatabase } from '../testing/databases.ts'
import { openDatabase } from './database.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

it.skipIf(process.platform === 'win32')(
  'lets nobody else into the folder of the embedded database, new or old',
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'tokmesh-mode-'))
    folders.push(dataDir)
    const mode = () => (statSync(join(dataDir, 'pglite')).mode & 0o777).toString(8)
    await (await openDatabase({ dataDir })).close()
    expect(mode()).toBe('700')
    chmodSync(join(dataDir, 'pglite'), 0o777)
    await (await openDatabase({ dataDir })).close()
    expect(mode()).toBe('700')
  },
)

it('tells nobody of changes, since nobody else could hear of them', async () => {
  const { database, close } = await openTestDatabase('pglite')
  await database.run((db) => db.execute(sql`truncate sessions, api_keys`))
  const found = await database.run((db) => db.execute(sql`select seq from changes`))
  expect(found).toMatchObject({ rows: [{ seq: 0 }] })
  await close()
})
