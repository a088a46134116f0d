import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionRecord } from '../domain/session.ts'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import { fillTime, insertMany } from '../testing/many-sessions.ts'
import type { Database } from './database.ts'
import { search } from './search.ts'
import { createSessionStore } from './sessions.ts'

const everything = { status: 'active', sortBy: 'createdAt', descending: true, offset: 0, limit: 1 } as const

describe.each(databaseKinds)('the number of sessions on %s', (kind) => {
  let opened: DatabaseUnderTest
  beforeAll(async () => {
    opened = await openTestDatabase(kind)
  })
  afterAll(() => opened.close())

  const run = (statement: string) => opened.database.db.execute(sql.raw(statement))
  beforeEach(async () => {
    // Awaited here: it is no promise before that, and Bun waits for promises alone.
    await run('truncate sessions')
  })

  /** What is added up, and what a count of the rows gives. */
  const both = async () => {
    const [row] = await opened.database.db
      .select({
        kept: sql`(select coalesce(sum(kept), 0) from shard_counts)`.mapWith(Number),
        counted: sql`(select count(*) from sessions where not is_deleted)`.mapWith(Number),
      })
      .from(sql`(values (1)) as one`)
    return row
  }

  it('is added up by whatever changes it, many rows at once or one', async () => {
    await insertMany(opened.database, 2000)
    const filled = await both()
    expect(filled?.counted).toBeGreaterThan(1500)
    expect(filled?.kept).toBe(filled?.counted)
    await run("update sessions set is_deleted = true where user_id in ('user-1', 'user-2', 'user-3')")
    await run("update sessions set is_deleted = false where user_id = 'user-3'")
    await run("update sessions set last_active = last_active + 1, version = version + 1 where user_id = 'user-4'")
    await run("delete from sessions where user_id in ('user-3', 'user-5')")
    const changed = await both()
    expect(changed?.counted).toBeLessThan(filled?.counted ?? 0)
    expect(changed?.kept).toBe(changed?.counted)
    await run('truncate sessions')
    expect(await both()).toEqual({ kept: 0, counted: 0 })
  })

  it('is untouched by what is rolled back', async () => {
    await insertMany(opened.database, 100)
    const before = await both()
    const undone = opened.database.db.transaction(async (tx) => {
      await tx.execute(sql.raw('delete from sessions'))
      tx.rollback()
    })
    await expect(undone).rejects.toThrow()
    expect(await both()).toEqual(before)
  })

  it('is the total of a search without filters, less what has expired since the last sweep', async () => {
    await insertMany(opened.database, 2000)
    for (const later of [0, 3_700_000, 5_000_000, 9_000_000]) {
      const now = fillTime + later
      const { total } = await search(opened.database, everything, now)
      const filtered = await search(opened.database, { ...everything, createdFrom: 0 }, now)
      expect({ later, total }).toEqual({ later, total: filtered.total })
    }
  })
})

/** What is added up for each shard, and what a count of the rows gives; both without zeros. */
async function byShard({ db }: Database): Promise<readonly [unknown, unknown]> {
  const kept = { shard: sql`shard_id`.mapWith(Number), kept: sql`kept`.mapWith(Number) }
  const added = await db.select(kept).from(sql`shard_counts`).where(sql`kept <> 0`).orderBy(sql`shard_id`)
  const rows = sql`(select shard_id, count(*) as kept from sessions where not is_deleted group by 1) as counted`
  const counted = await db.select(kept).from(rows).orderBy(sql`shard_id`)
  return [added, counted]
}

it('the number of sessions on postgres is right after 40 connections have changed it at once in every way', async () => {
  const opened = await openTestDatabase('postgres', { poolSize: 40 })
  const store = createSessionStore(opened.database)
  await insertMany(opened.database, 2000)
  const { run, db } = opened.database
  const now = fillTime
  let made = 0
  const record = (): SessionRecord => {
    const id = `tmss-new-${made++}`
    const times = { createdAt: now, expiresAt: now + (made % 3 === 0 ? 1 : 3_600_000), lastActive: now }
    const access = { ipAddress: '192.0.2.7', userAgent: 'x', lastAccessIp: '192.0.2.7', lastAccessUa: 'x' }
    const rest = { deviceId: '', createdBy: 'key', data: {}, version: 1, ttl: 60, isDeleted: false, revokedAt: 0 }
    return { id, userId: `new-${made % 50}`, tokenHash: `tmth_${id}`, shardId: made % 64, ...times, ...access, ...rest }
  }
  const some = () => `tmss-new-${Math.floor(Math.random() * made)}`
  const own = (n: number) => Array.from({ length: 32 }, (_, i) => i * 2 + (n % 2))
  const steps: readonly ((n: number) => Promise<unknown>)[] = [
    () => store.insert(record(), 1000),
    () => store.insert(record(), 1000),
    () => store.insert(record(), 1000),
    () => store.revoke(some(), now),
    () => store.touch(some(), now + made),
    () => store.renew(some(), now, 3600),
    (n) => store.sweep(now + 10, 20, { shards: own(n) }),
    () => store.sweep(now + 10, 50),
    (n) => store.revokeAllOf(`new-${n % 50}`, now, 1000),
    (n) => store.revokeAllOf(`user-${n % 200}`, now, 1000),
    () => store.removeTombstones(now, 30),
    () => run((each) => each.execute(sql`update sessions set shard_id = shard_id + 1 where id = ${some()}`)),
  ]
  const failures: unknown[] = []
  await Promise.all(
    Array.from({ length: 40 }, async (_, worker) => {
      for (let n = 0; n < 100; n++) {
        const step = steps[(worker * 7 + n * 5) % steps.length]
        // A lock that is held for long is no fault: callers try again. A deadlock would be one.
        await step?.(worker + n).catch((error: unknown) => failures.push(error))
      }
    }),
  )
  expect(failures).toEqual([])
  const [added, counted] = await byShard(opened.database)
  expect(added).toEqual(counted)
  // Sweeps may have come last, and left nothing that has expired.
  await store.insert({ ...record(), expiresAt: now + 1 }, 1000)
  const shards = Array.from({ length: 1024 }, (_, i) => i)
  const [all, odd, even] = await Promise.all([
    store.counts(now + 5),
    store.counts(
      now + 5,
      shards.filter((shard) => shard % 2 === 1),
    ),
    store.counts(
      now + 5,
      shards.filter((shard) => shard % 2 === 0),
    ),
  ])
  expect(all.kept).toBeGreaterThan(500)
  expect(all.active).toBeLessThan(all.kept)
  expect({ active: odd.active + even.active, kept: odd.kept + even.kept }).toEqual(all)
  await db.execute(sql`delete from sessions`)
  expect(await store.counts(now)).toEqual({ active: 0, kept: 0 })
  await opened.close()
}, 120_000)
