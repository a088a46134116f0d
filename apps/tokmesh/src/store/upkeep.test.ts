import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { expect, it } from 'vitest'
import { startUpkeep } from './upkeep.ts'

it('upkeep makes checkpoints, vacuums and gathers statistics, when there is enough to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokmesh-upkeep-'))
  const client = await PGlite.create(join(folder, 'pglite'))
  const look = async () => {
    const { rows } = await client.query<{ redo: string; vacuums: number; analyzes: number; dead: number }>(
      `select redo_lsn::text as redo, vacuum_count::int as vacuums, analyze_count::int as analyzes, n_dead_tup::int as dead
       from pg_control_checkpoint(), pg_stat_user_tables where relname = 'filled'`,
    )
    return rows[0]
  }
  await client.exec('create table filled (n int, pad text)')
  await client.exec(`insert into filled select n, repeat('x', 100) from generate_series(1, 30000) n`)
  const before = await look()
  expect(before).toMatchObject({ vacuums: 0, analyzes: 0, dead: 0 })

  const lazy = startUpkeep(client, { intervalMs: 20, maxChangedRows: 30_000 })
  await new Promise((resolve) => setTimeout(resolve, 300))
  lazy()
  expect(await look()).toEqual(before as NonNullable<typeof before>)

  const eager = startUpkeep(client, { intervalMs: 20, maxLogBytes: 2 ** 20 })
  await client.exec('delete from filled where n > 15000')
  const deadline = Date.now() + 10_000
  let after = await look()
  while ((after?.vacuums === 0 || after?.analyzes === 0 || after?.redo === before?.redo) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    after = await look()
  }
  eager()
  expect(after).toMatchObject({ vacuums: 1, analyzes: 1, dead: 0 })
  expect(after?.redo).not.toBe(before?.redo)
  await client.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)
