import { createMetrics } from '@honoscope/metrics'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dbMetrics, instrumentDrizzle, watchPool } from './index.ts'
import { drivers, type Opened, type TestDb } from './testing/drivers.ts'
import { type FakeSpan, fakeTracer } from './testing/fake-tracer.ts'
import { posts, setUp, startData, users } from './testing/schema.ts'

/** A span as the table writes it: what it is about, rows returned and affected, and its children. */
interface Expected {
  readonly span: string
  readonly returned?: number
  readonly affected?: number
  readonly error?: string
  readonly outcome?: 'commit' | 'rollback'
  readonly within?: readonly Expected[]
}

interface Case {
  readonly name: string
  run(db: TestDb): Promise<unknown>
  readonly spans: readonly Expected[]
}

const ada = { email: 'new@x', name: 'New' }

const cases: readonly Case[] = [
  {
    name: 'select',
    run: (db) => db.select().from(users).where(eq(users.name, 'Ada')),
    spans: [{ span: 'select users', returned: 1 }],
  },
  {
    name: 'select that finds nothing',
    run: (db) => db.select().from(users).where(eq(users.name, 'nobody')),
    spans: [{ span: 'select users', returned: 0 }],
  },
  {
    name: 'select with a join and a CTE',
    run: (db) => {
      const titles = db.$with('titles').as(db.select().from(posts))
      return db.with(titles).select({ title: titles.title }).from(users).innerJoin(titles, eq(titles.userId, users.id))
    },
    spans: [{ span: 'select users', returned: 2 }],
  },
  {
    name: 'selectDistinct from a table in a schema',
    run: (db) => db.selectDistinct({ user: posts.userId }).from(posts),
    spans: [{ span: 'select blog.posts', returned: 1 }],
  },
  { name: 'count', run: (db) => db.$count(users), spans: [{ span: 'select users', returned: 1 }] },
  {
    name: 'insert',
    run: (db) => db.insert(users).values([ada, { email: 'more@x', name: 'More' }]),
    spans: [{ span: 'insert users', returned: 0, affected: 2 }],
  },
  {
    name: 'insert … returning',
    run: (db) => db.insert(users).values(ada).returning(),
    spans: [{ span: 'insert users', returned: 1, affected: 1 }],
  },
  {
    name: 'update',
    run: (db) => db.update(users).set({ name: 'X' }),
    spans: [{ span: 'update users', returned: 0, affected: 3 }],
  },
  {
    name: 'delete',
    run: (db) => db.delete(posts).where(eq(posts.userId, 1)).returning({ id: posts.id }),
    spans: [{ span: 'delete blog.posts', returned: 2, affected: 2 }],
  },
  {
    name: 'upsert',
    run: (db) =>
      db
        .insert(users)
        .values({ email: 'a@x', name: 'Ann' })
        .onConflictDoUpdate({ target: users.email, set: { name: 'Ann' } }),
    spans: [{ span: 'insert users', returned: 0, affected: 1 }],
  },
  {
    name: 'execute(sql) that names a table',
    run: (db) => db.execute(sql`select * from ${users} where ${users.id} < ${3}`),
    spans: [{ span: 'select users', returned: 2 }],
  },
  {
    name: 'execute(sql) with a CTE that writes',
    run: (db) =>
      db.execute(
        sql`with picked as (select id from users) update users set name = 'y' where id in (select id from picked)`,
      ),
    spans: [{ span: 'update', returned: 0, affected: 3 }],
  },
  { name: 'execute(text)', run: (db) => db.execute('select 1 as one'), spans: [{ span: 'select', returned: 1 }] },
  {
    name: 'execute(builder)',
    run: (db) => db.execute(db.select({ id: users.id }).from(users)),
    spans: [{ span: 'select users', returned: 3 }],
  },
  {
    name: 'refreshMaterializedView',
    run: (db) => db.execute(sql`refresh materialized view blog.titles`),
    spans: [{ span: 'refresh', returned: 0 }],
  },
  {
    name: 'relational query, many',
    run: (db) => db.query.users.findMany({ with: { posts: true }, orderBy: users.id }),
    spans: [{ span: 'select users', returned: 3 }],
  },
  {
    name: 'relational query, first, in a schema',
    run: (db) => db.query.posts.findFirst({ with: { user: true } }),
    spans: [{ span: 'select blog.posts', returned: 1 }],
  },
  {
    name: 'relational query that finds nothing',
    run: (db) => db.query.posts.findFirst({ where: eq(posts.id, 99) }),
    spans: [{ span: 'select blog.posts', returned: 0 }],
  },
  {
    name: 'prepared, run twice',
    run: async (db) => {
      const byId = db
        .select()
        .from(users)
        .where(eq(users.id, sql.placeholder('id')))
        .prepare('by_id')
      return [await byId.execute({ id: 1 }), await byId.execute({ id: 99 })]
    },
    spans: [
      { span: 'select users', returned: 1 },
      { span: 'select users', returned: 0 },
    ],
  },
  {
    name: 'a failing query',
    run: (db) => db.insert(users).values({ email: 'a@x', name: 'Twice' }),
    spans: [{ span: 'insert users', error: '23505' }],
  },
  {
    name: 'transaction',
    run: (db) =>
      db.transaction(
        async (tx) => {
          await tx.insert(users).values(ada)
          return tx.query.users.findMany()
        },
        { isolationLevel: 'serializable' },
      ),
    spans: [
      {
        span: 'transaction',
        outcome: 'commit',
        within: [
          { span: 'insert users', returned: 0, affected: 1 },
          { span: 'select users', returned: 4 },
        ],
      },
    ],
  },
  {
    name: 'transaction that returns a builder',
    run: (db) => db.transaction((tx) => tx.insert(users).values(ada).returning()),
    spans: [{ span: 'transaction', outcome: 'commit', within: [{ span: 'insert users', returned: 1, affected: 1 }] }],
  },
  {
    name: 'nested savepoints',
    run: (db) =>
      db.transaction(async (tx) => {
        await tx.transaction(async (inner) => {
          await inner.insert(users).values(ada)
          await inner.transaction((innermost) => innermost.delete(posts)).then(() => inner.select().from(users))
        })
        return tx.$count(posts)
      }),
    spans: [
      {
        span: 'transaction',
        outcome: 'commit',
        within: [
          {
            span: 'savepoint',
            outcome: 'commit',
            within: [
              { span: 'insert users', returned: 0, affected: 1 },
              {
                span: 'savepoint',
                outcome: 'commit',
                within: [{ span: 'delete blog.posts', returned: 0, affected: 2 }],
              },
              { span: 'select users', returned: 4 },
            ],
          },
          { span: 'select blog.posts', returned: 1 },
        ],
      },
    ],
  },
  {
    name: 'a savepoint that is rolled back, in a transaction that is not',
    run: (db) =>
      db.transaction(async (tx) => {
        const failure = await tx
          .transaction(async (inner) => {
            await inner.delete(users)
            inner.rollback()
          })
          .catch((error: Error) => error.constructor.name)
        return [failure, await tx.$count(users)]
      }),
    spans: [
      {
        span: 'transaction',
        outcome: 'commit',
        within: [
          { span: 'savepoint', outcome: 'rollback', within: [{ span: 'delete users', returned: 0, affected: 3 }] },
          { span: 'select users', returned: 1 },
        ],
      },
    ],
  },
  {
    name: 'rollback',
    run: (db) =>
      db
        .transaction(async (tx) => {
          await tx.delete(users)
          tx.rollback()
        })
        .catch(async (error: Error) => [error.constructor.name, await db.$count(users)]),
    spans: [
      { span: 'transaction', outcome: 'rollback', within: [{ span: 'delete users', returned: 0, affected: 3 }] },
      { span: 'select users', returned: 1 },
    ],
  },
  {
    name: 'rollback by an error of the app',
    run: (db) =>
      db.transaction(async (tx) => {
        await tx.delete(users)
        throw new RangeError('no')
      }),
    spans: [
      {
        span: 'transaction',
        outcome: 'rollback',
        error: 'RangeError',
        within: [{ span: 'delete users', returned: 0, affected: 3 }],
      },
    ],
  },
]

/** Both fulfilment and failure, in a form that can be compared. */
async function outcomeOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return { result: JSON.parse(JSON.stringify((await run()) ?? null)) }
  } catch (error) {
    const { message, cause } = error as Error
    return { thrown: (error as Error).constructor.name, message, code: (cause as { code?: unknown } | undefined)?.code }
  }
}

const seen = (spans: readonly FakeSpan[], parent: FakeSpan | undefined): Expected[] =>
  spans
    .filter((span) => span.parent === parent)
    .map((span) => {
      const { attributes } = span
      expect(span.ended).toBe(1)
      expect(span.name).toBe(`db.${attributes['db.operation.name']}`)
      expect(attributes['db.system.name']).toBe('postgresql')
      const within = seen(spans, span)
      const expected = {
        span: [attributes['db.operation.name'], attributes['db.collection.name']].filter(Boolean).join(' '),
        returned: attributes['db.response.returned_rows'],
        affected: attributes['db.response.affected_rows'],
        error: attributes['error.type'],
        outcome: attributes['db.transaction.outcome'],
        within: within.length > 0 ? within : undefined,
      }
      expect(span.status).toEqual(expected.error === undefined ? undefined : { code: 2 })
      return JSON.parse(JSON.stringify(expected))
    })

/** The statements that a list of expected spans stands for, in the form of the counter's labels. */
const counted = (spans: readonly Expected[]): string[] =>
  spans.flatMap(({ span, within }) => {
    if (span === 'transaction' || span === 'savepoint') return counted(within ?? [])
    const [operation = '', table = 'unknown'] = span.split(' ')
    return [`${['select', 'insert', 'update', 'delete'].includes(operation) ? operation : 'other'} ${table}`]
  })

const line = /^db_queries_total\{operation="(.*)",table="(.*)"\} (\d+)$/gm

for (const driver of drivers) {
  describe(`over ${driver.name}`, () => {
    let opened: Opened
    beforeAll(async () => {
      opened = await driver.open()
      await opened.send(setUp)
    })
    afterAll(() => opened.close())

    it.each(cases)('$name', async ({ run, spans }) => {
      const fresh = async (): Promise<TestDb> => {
        await opened.send(startData)
        return opened.db
      }
      const bare = await outcomeOf(async () => run(await fresh()))

      const { tracer, spans: made } = fakeTracer()
      const metrics = createMetrics({ runtime: false })
      const faults: unknown[] = []
      const db = instrumentDrizzle(await fresh(), {
        metrics: dbMetrics(metrics),
        tracer,
        onFault: ({ error }) => faults.push(error),
      })
      expect(await outcomeOf(() => run(db))).toEqual(bare)
      expect(seen(made, undefined)).toEqual(spans)
      expect(faults).toEqual([])

      const text = await metrics.render()
      const lines = [...text.matchAll(line)].flatMap(([, operation, table, count]) =>
        Array.from({ length: Number(count) }, () => `${operation} ${table}`),
      )
      expect(lines.sort()).toEqual(counted(spans).sort())
      const isFailing = spans[0]?.error === '23505'
      expect(text.includes('db_query_errors_total{operation="insert",code_class="constraint"} 1')).toBe(isFailing)
      expect(text).toContain('db_query_errors_total{operation="transaction",code_class="other"} 0')
    })

    it('offers neither batches nor streams, and leaves those of the driver to the driver', () => {
      const db = instrumentDrizzle(opened.db)
      expect('batch' in db).toBe(false)
      expect('iterator' in db.select().from(users).prepare('nothing')).toBe(false)
      expect(Reflect.get(db, '$client')).toBe(opened.client)
    })

    // Here, since to make a PGlite takes seconds. It comes last: it closes the client.
    if (driver.name !== 'pglite') return
    it('has gauges of its one connection', async () => {
      const metrics = createMetrics({ runtime: false })
      const stop = watchPool(opened.client, { metrics: dbMetrics(metrics), intervalMs: 100 })
      expect(await metrics.render()).toMatch(/^db_connections_open 1$/m)
      await opened.close()
      await new Promise((resolve) => setTimeout(resolve, 250))
      expect(await metrics.render()).toMatch(/^db_connections_open 0$/m)
      expect(await metrics.render()).toMatch(/^db_connections_max 1$/m)
      stop()
    })
  })
}
