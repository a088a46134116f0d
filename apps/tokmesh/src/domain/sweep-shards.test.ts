/** What a node without shards leaves to those that have them. */
import { expect, it } from 'vitest'
import { createSessionStore } from '../store/sessions.ts'
import { openTestDatabase } from '../testing/databases.ts'
import { fillTime, insertMany } from '../testing/many-sessions.ts'
import { startSweep } from './sweep.ts'

it('a node without shards asks the database nothing, and sweeps when it has some again', async () => {
  const under = await openTestDatabase('pglite')
  await insertMany(under.database, 100)
  const asked: unknown[] = []
  const rows = createSessionStore(under.database)
  const store = {
    ...rows,
    nextDue(...args: Parameters<typeof rows.nextDue>) {
      asked.push(args[0]?.shards)
      return rows.nextDue(...args)
    },
  }
  let shards: readonly number[] = []
  const clock = () => fillTime + 10 * 3_600_000
  const sweep = startSweep({ store, clock, tombstoneTtlMs: 1e12, intervalMs: 60_000, shards: () => shards })
  expect(await sweep.tick()).toBe(0)
  expect(asked).toEqual([])
  shards = Array.from({ length: 1024 }, (_, shard) => shard)
  expect(await sweep.tick()).toBeGreaterThan(0)
  expect(asked).toEqual([shards])
  await sweep.stop()
  await under.close()
}, 60_000)
