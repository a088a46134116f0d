import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import { fillTime, insertMany } from '../testing/many-sessions.ts'
import { search } from './search.ts'

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

it('the number of sessions on postgres is right after many connections have changed it at once', async () => {
  const opened = await openTestDatabase('postgres')
  const { run, db } = opened.database
  await insertMany(opened.database, 1000)
  const ids = await db.select({ id: sql<string>`id` }).from(sql`sessions`).where(sql`not is_deleted`)
  await Promise.all(
    ids.map(({ id }) => run((each) => each.execute(sql`update sessions set is_deleted = true where id = ${id}`))),
  )
  const [row] = await db
    .select({ kept: sql`sum(kept)`.mapWith(Number), slots: sql`count(*)`.mapWith(Number) })
    .from(sql`shard_counts`)
  expect(row?.kept).toBe(0)
  expect(row?.slots).toBeGreaterThan(1)
  await opened.close()
})
