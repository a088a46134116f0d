import { testDatabase } from '@honoscope/testing/postgres'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEntries } from '../audit/entry.ts'
import type { AuditAction, AuditEntry, AuditStore } from '../domain/audit.ts'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import { createAuditStore } from './audit.ts'
import { openDatabase } from './database.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'

const bucketMs = 600_000
const start = 3_000_000 * bucketMs
const operators = ['tmak-01hv3q4k7d0000000000000000', 'tmak-01hv3q4k7d0000000000000001', 'system']
const actions: readonly AuditAction[] = ['SESSION_CREATED', 'KEY_CREATED', 'AUTH_FAILED']

/** Entries of two hours, oldest first: several of a time, some at the very ends of buckets. */
function someEntries(count: number): readonly AuditEntry[] {
  let now = 0
  const newEntry = createEntries({ clock: () => now })
  return Array.from({ length: count }, (_, n) => {
    const within = n % 12
    const bucket = Math.floor((n * 12) / count)
    now = start + bucket * bucketMs + (within === 0 ? 0 : within === 11 ? bucketMs - 1 : within * 50_000)
    return newEntry({ operatorId: operators[n % 3] ?? '', action: actions[n % 5] ?? 'AUTH_FAILED', result: 'SUCCESS' })
  }).sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1))
}

describe.each(databaseKinds)('the number of audit entries on %s', (kind) => {
  let test: DatabaseUnderTest
  let store: AuditStore
  beforeAll(async () => {
    test = await openTestDatabase(kind)
    store = createAuditStore(test.database)
  })
  afterAll(() => test?.close())
  const run = (statement: string) => test.database.run((db) => db.execute(sql.raw(statement)))
  beforeEach(() => run('truncate audit_log'))

  const rowsOf = (text: string) =>
    test.database.run((db) => db.select({ row: sql<object>`to_json(t)` }).from(sql.raw(`(${text}) as t`)))
  /** What is added up, and what it has to be. */
  const both = async () => {
    const order = 'order by operator_id collate "C", bucket, action collate "C"'
    const grouped = (operator: string) =>
      `select ${operator} as operator_id, timestamp / ${bucketMs} as bucket, action, count(*) as n
       from audit_log group by 1, 2, 3`
    return {
      summed: await rowsOf(`select operator_id, bucket, action, n from audit_counts ${order}`),
      counted: await rowsOf(
        `select * from (${grouped("''::text")} union all ${grouped('operator_id')}) as every ${order}`,
      ),
    }
  }

  it('is added up by whatever changes it, twice written or by SQL', async () => {
    const entries = someEntries(300)
    await store.append(entries.slice(0, 200))
    await store.append(entries)
    const filled = await both()
    expect(filled.counted.length).toBeGreaterThan(100)
    expect(filled.summed).toEqual(filled.counted)
    await run(
      `update audit_log set operator_id = 'system', timestamp = timestamp + ${bucketMs} where action = 'KEY_CREATED'`,
    )
    await run(`insert into audit_log select timestamp, id || 'x', '', action, '', '', '{}', 'SUCCESS', '', ''
      from audit_log where operator_id = 'system'`)
    const changed = await both()
    // Nobody is called '': those are counted among all, and by nobody's name.
    expect(changed.summed.reduce((sum, { row }) => sum + Number('n' in row && row.n), 0)).toBeGreaterThan(600)
    await run(`delete from audit_log where operator_id = ''`)
    expect((await both()).summed).toEqual((await both()).counted)
    expect(await store.removeBefore(start + 5.5 * bucketMs, 1000)).toBeGreaterThan(100)
    const fewer = await both()
    expect(fewer.summed.length).toBeLessThan(filled.summed.length)
    expect(fewer.summed).toEqual(fewer.counted)
    await run('truncate audit_log')
    expect(await both()).toEqual({ summed: [], counted: [] })
  })

  it('is exact for every range, and so is every page of it, however deep', async () => {
    const entries = someEntries(400)
    await store.append(entries)
    const newestFirst = [...entries].reverse()
    const edges = [0, 0.5 * bucketMs, 3 * bucketMs - 1, 3 * bucketMs, 7.3 * bucketMs]
    for (const from of [undefined, ...edges]) {
      for (const until of [undefined, ...edges]) {
        if (from !== undefined && until !== undefined && from > until) continue
        for (const [operatorId, action] of [
          [],
          [operators[1]],
          [undefined, actions[2]],
          [operators[0], actions[0]],
        ] as const) {
          const filter = {
            ...{ operatorId, action },
            from: from === undefined ? undefined : start + from,
            until: until === undefined ? undefined : start + until,
          }
          const expected = newestFirst.filter(
            (each) =>
              each.timestamp >= (filter.from ?? 0) &&
              each.timestamp < (filter.until ?? Infinity) &&
              each.operatorId === (operatorId ?? each.operatorId) &&
              each.action === (action ?? each.action),
          )
          for (const page of [1, 4, Math.ceil(expected.length / 7)]) {
            const { items, total } = await store.query({ ...filter, page: Math.max(1, page), size: 7 })
            const begin = (Math.max(1, page) - 1) * 7
            expect({ filter, page, total, ids: items.map(({ id }) => id) }).toEqual({
              ...{ filter, page, total: expected.length },
              ids: expected.slice(begin, begin + 7).map(({ id }) => id),
            })
          }
        }
      }
    }
  }, 60_000)

  it('is right from the start where entries were written before it was added up', async () => {
    const external = kind === 'postgres' ? await testDatabase() : undefined
    const old = await openDatabase({ dataDir: 'memory://', url: external?.url })
    await migrate(old, { steps: migrations.slice(0, 6) })
    const older = createAuditStore(old)
    await older.append(someEntries(100))
    await migrate(old)
    expect((await older.query({ page: 1, size: 1 })).total).toBe(100)
    expect((await older.query({ page: 1, size: 1, operatorId: operators[0] })).total).toBe(34)
    await old.close()
    await external?.drop()
  })
})

it('the sums on postgres are right after several nodes have written at once, and none was refused', async () => {
  const test = await openTestDatabase('postgres')
  const nodes = await Promise.all([1, 2, 3].map(() => openDatabase({ dataDir: 'memory://', url: test.url })))
  const entries = someEntries(600)
  await Promise.all(
    nodes.map(async (node, part) => {
      const store = createAuditStore(node)
      for (let n = part * 200; n < (part + 1) * 200; n += 10) {
        // Each in an order of its own, over the same buckets.
        const batch = entries.filter((_, i) => i % 60 === (n / 10) % 60)
        await store.append(part === 1 ? [...batch].reverse() : batch)
        await store.removeBefore(start + bucketMs, 3)
      }
    }),
  )
  const [row] = await test.database.db
    .select({
      kept: sql`(select count(*) from audit_log)`.mapWith(Number),
      summed: sql`(select sum(n) from audit_counts where operator_id = '')`.mapWith(Number),
      named: sql`(select sum(n) from audit_counts where operator_id <> '')`.mapWith(Number),
      wrong: sql`(select count(*) from audit_counts where n <= 0)`.mapWith(Number),
    })
    .from(sql`(values (1)) as one`)
  expect(row?.kept).toBeGreaterThan(500)
  expect(row).toEqual({ kept: row?.kept, summed: row?.kept, named: row?.kept, wrong: 0 })
  for (const node of nodes) await node.close()
  await test.close()
}, 30_000)
