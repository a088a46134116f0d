import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newRecord } from '../domain/new-record.ts'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import { spawnChild } from '../testing/spawn-child.ts'
import { openDatabase } from './database.ts'
import { createSessionStore } from './sessions.ts'

const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'first' }
const start = 1_800_000_000_000
const idOf = (n: number) => `tmss-${String(n).padStart(26, '0')}`
const accessAt = (at: number, userAgent = 'next') => ({ at, ip: '2001:db8::9', userAgent })

for (const kind of databaseKinds) {
  describe(`touches on ${kind}`, () => {
    let under: DatabaseUnderTest
    beforeAll(async () => {
      under = await openTestDatabase(kind)
    }, 60_000)
    afterAll(() => under.close())

    /** Stores of several nodes, and the sessions that the first made; what is stored is read past them. */
    const setUp = async (count: number, nodes = 1) => {
      await under.empty()
      const stores = Array.from({ length: nodes }, () => createSessionStore(under.database))
      const [node = createSessionStore(under.database)] = stores
      for (let n = 0; n < count; n++) {
        await node.insert(newRecord(idOf(n), { userId: `u${n}` }, caller, `tmth_${n}`, 60, start), 50)
      }
      const stored = (n = 0) => createSessionStore(under.database).find({ id: idOf(n) })
      return { node, stores, stored }
    }

    it('stores validations of one session as one change, by itself', async () => {
      const { node, stored } = await setUp(1)
      for (let i = 1; i <= 30; i++) {
        const { record } = await node.access(
          { tokenHash: 'tmth_0' },
          accessAt(start + (i === 30 ? 7 : i), `agent ${i}`),
        )
        expect(record?.version).toBe(1 + i)
      }
      const shown = await node.find({ id: idOf(0) })
      expect(shown).toMatchObject({ version: 31, lastActive: start + 29, lastAccessUa: 'agent 30', userAgent: 'first' })
      await until(async () => (await stored())?.version === 31)
      expect(await stored()).toEqual(shown as NonNullable<typeof shown>)
    })

    it('A41 never takes lastActive back, whichever node’s clock is behind', async () => {
      const { stores, stored } = await setUp(1, 2)
      const [ahead, behind] = stores
      await ahead?.access({ id: idOf(0) }, accessAt(start + 5_000))
      await ahead?.flush()
      await behind?.access({ id: idOf(0) }, accessAt(start + 1_000))
      await behind?.flush()
      expect(await stored()).toMatchObject({ version: 3, lastActive: start + 5_000 })
      expect(await behind?.touch(idOf(0), start + 2_000)).toBeUndefined()
      expect((await behind?.touch(idOf(0), start + 6_000))?.lastActive).toBe(start + 6_000)
    })

    it('stores more than a statement takes, and nothing of what is revoked or expired by then', async () => {
      const { node, stores, stored } = await setUp(700, 2)
      for (let n = 0; n < 700; n++) await node.access({ id: idOf(n) }, accessAt(start + 1))
      await stores[1]?.revoke(idOf(1), start + 2)
      await stores[1]?.renew(idOf(2), start - 60_000, 1)
      await node.flush()
      expect(await stored(1)).toMatchObject({ revokedAt: start + 2 })
      expect(await stored(699)).toMatchObject({ version: 2, lastActive: start + 1 })
      expect(node.stats().touchesWaiting).toBe(0)
      // Another node's batch may have stored it before the revoke came.
      expect((await stored(2))?.lastActive).toBeLessThanOrEqual(start + 1)
    }, 60_000)

    it('loses at a kill what was noted since the last batch, and nothing at an orderly end', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tokmesh-touches-'))
      const external = kind === 'postgres' ? await testDatabase() : undefined
      try {
        for (const [job, least] of [
          ['touch', 51],
          ['flush', 101],
        ] as const) {
          const dataDir = join(folder, job)
          const child = spawnChild(job, dataDir, ...(external ? [external.url] : []))
          await child.until((lines) => lines.some((line) => line.startsWith('touched')))
          await child.kill()
          const id = child.lines.at(-1)?.split(' ')[1] ?? ''
          const database = await openDatabase({ dataDir, url: external?.url })
          const version = (await createSessionStore(database).find({ id }))?.version ?? 0
          await database.close()
          expect(version).toBeGreaterThanOrEqual(least)
          expect(version).toBeLessThanOrEqual(101)
        }
      } finally {
        rmSync(folder, { recursive: true, force: true })
        await external?.drop()
      }
    }, 120_000)
  })
}

describe('touches of several nodes on PostgreSQL', () => {
  it('neither block each other nor wait for a session that is held', async () => {
    const under = await openTestDatabase('postgres')
    const nodes = [1, 2].map(() => createSessionStore(under.database))
    const [first, second] = nodes
    for (let n = 0; n < 100; n++) {
      await first?.insert(newRecord(idOf(n), { userId: `u${n}` }, caller, `tmth_${n}`, 60, start), 50)
    }
    for (let round = 1; round <= 10; round++) {
      for (let n = 0; n < 100; n++) {
        await first?.access({ id: idOf(n) }, accessAt(start + round))
        await second?.access({ id: idOf(99 - n) }, accessAt(start + round))
      }
      await Promise.all(nodes.map((node) => node.flush()))
    }
    expect((await first?.find({ id: idOf(50) }))?.version).toBe(21)
    await under.database.db.transaction(async (tx) => {
      await tx.execute(sql`select 1 from sessions where id = ${idOf(3)} for update`)
      await first?.access({ id: idOf(3) }, accessAt(start + 20))
      await first?.access({ id: idOf(4) }, accessAt(start + 20))
      expect((await first?.touch(idOf(5), start + 20))?.version).toBe(22)
      await first?.flush()
      expect((await second?.find({ id: idOf(4) }))?.version).toBe(22)
    })
    await first?.flush()
    expect((await second?.find({ id: idOf(3) }))?.version).toBe(22)
    await under.close()
  }, 60_000)
})
