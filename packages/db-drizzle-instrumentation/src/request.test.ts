import { type ActiveSpan, type Exchange, type Instrument, observe, runInScope } from '@honoscope/core'
import { createMetrics } from '@honoscope/metrics'
import { serve } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { eq, inArray, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { Hono } from 'hono'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DrizzleOptions, dbMetrics, instrumentDrizzle, type NPlusOne, type SlowQuery } from './index.ts'
import { fakeTracer } from './testing/fake-tracer.ts'
import { posts, schema, setUp, startData, users } from './testing/schema.ts'

const database = await testDatabase()
const client = postgres(database.url, { max: 4, onnotice: () => {} })
const raw = drizzle(client, { schema })

// Awaited here: it is sent when its `then` is called, which Bun's runner does not.
beforeAll(async () => {
  await client.unsafe(setUp + startData)
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

const span: ActiveSpan = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), sampled: true }

/** An app whose requests have a span, and the exchanges that it has ended. */
function observed(sampled = true): { app: Hono; ended: Exchange[] } {
  const ended: Exchange[] = []
  const instrument: Instrument = {
    name: 'test',
    scoped: true,
    start(x) {
      x.span = { ...span, sampled }
    },
    end: (x) => void ended.push(x),
  }
  const app = new Hono()
  app.use(observe(instrument))
  return { app, ended }
}

/** A database that keeps its events. */
function listening(options: DrizzleOptions = {}) {
  const slow: SlowQuery[] = []
  const repeated: NPlusOne[] = []
  const onSlowQuery = (event: SlowQuery) => slow.push(event)
  const onNPlusOne = (event: NPlusOne) => repeated.push(event)
  return { db: instrumentDrizzle(raw, { onSlowQuery, onNPlusOne, ...options }), slow, repeated }
}

describe('the queries of a request', () => {
  it('are added up on its exchange, for many requests at a time', async () => {
    const { app, ended } = observed()
    const { db } = listening()
    app.get('/:n', async (c) => {
      const n = Number(c.req.param('n'))
      await Promise.all(Array.from({ length: n }, () => db.select().from(users)))
      await db.transaction((tx) => tx.$count(users)).catch(() => {})
      await db.execute('nonsense').catch(() => {})
      return c.text('')
    })
    const server = await serve(app.fetch)
    const sizes = [0, 1, 2, 3, 5, 8]
    await Promise.all(sizes.map(async (n) => (await fetch(`${server.url}/${n}`)).text()))
    await server.stop()
    expect(ended.map((x) => x.work.get('db')?.count).sort((a, b) => Number(a) - Number(b))).toEqual(
      sizes.map((n) => n + 2),
    )
    for (const { work, durationMs } of ended) {
      const { count, durationMs: spent } = work.get('db') ?? { count: 0, durationMs: 0 }
      expect(spent).toBeGreaterThan(0)
      // They may run at the same time, but none takes longer than the request.
      expect(spent).toBeLessThanOrEqual(durationMs * count)
    }
  })

  it('are told of when one is run again and again: once for each statement and request', async () => {
    const { app } = observed()
    const { db, repeated } = listening()
    app.get('/authors/:id/posts', async (c) => {
      const found = await db.select().from(users)
      for (let i = 0; i < 25; i++) {
        await db
          .select()
          .from(posts)
          .where(eq(posts.userId, found[i % 3]?.id ?? 0))
      }
      for (let i = 0; i < 9; i++) await db.$count(users)
      // The values are in the text, and it is still one statement.
      for (let i = 0; i < 12; i++) await db.execute(`select ${i}, 'text ${i}'`)
      // These are different ones.
      for (let i = 1; i < 12; i++)
        await db
          .select()
          .from(users)
          .where(inArray(users.id, Array(i).fill(1)))
      return c.text('')
    })
    await app.request('/authors/1/posts')
    const route = '/authors/:id/posts'
    expect(repeated).toEqual([
      {
        statement: 'select "id", "user_id", "title" from "blog"."posts" where "blog"."posts"."user_id" = $1',
        operation: 'select',
        table: 'blog.posts',
        route,
        span,
        count: 10,
      },
      { statement: 'select ?, ?', operation: 'select', table: 'unknown', route, span, count: 10 },
    ])
    await app.request('/authors/1/posts')
    expect(repeated).toHaveLength(4)
  })

  it('are not counted together over requests, nor outside of one', async () => {
    const { app } = observed()
    const { db, repeated } = listening({ nPlusOneCount: 2 })
    app.get('/', async (c) => c.json(await db.$count(users)))
    for (let i = 0; i < 5; i++) await app.request('/')
    for (let i = 0; i < 5; i++) await db.$count(users)
    expect(repeated).toEqual([])
  })

  it('are counted within bounds, however many statements are made up', async () => {
    const { app } = observed()
    const { db, repeated } = listening({ nPlusOneCount: 2 })
    app.get('/', async (c) => {
      for (let i = 0; i < 120; i++) await db.execute(`select 1 as made_up_${i}`)
      await db.execute('select 1 as made_up_0')
      await db.execute('select 1 as made_up_119')
      return c.text('')
    })
    await app.request('/')
    expect(repeated.map(({ statement }) => statement)).toEqual(['select ? as made_up_0'])
  })
})

describe('slow queries', () => {
  it('are told of with their own span, and those that are fast are not', async () => {
    const { app } = observed()
    const { tracer, spans } = fakeTracer()
    let now = 0
    const { db, slow } = listening({ tracer, clock: () => now, slowQueryMs: 200 })
    app.get('/report', async (c) => {
      const query = db.select().from(users).execute()
      now += 199
      await query
      const slow = db.select().from(posts).execute()
      now += 200
      await slow
      const failing = db.execute(sql`select * from nowhere where a = ${'secret'}`).execute()
      now += 300
      await failing.catch(() => {})
      return c.text('')
    })
    await app.request('/report')
    const own = (index: number) => ({ traceId: spans[index]?.traceId, spanId: spans[index]?.spanId, sampled: true })
    expect(slow).toEqual([
      {
        statement: 'select "id", "user_id", "title" from "blog"."posts"',
        operation: 'select',
        table: 'blog.posts',
        route: '/report',
        durationMs: 200,
        failed: false,
        span: own(1),
      },
      {
        statement: 'select * from nowhere where a = $1',
        operation: 'select',
        table: 'unknown',
        route: '/report',
        durationMs: 300,
        failed: true,
        span: own(2),
      },
    ])
  })

  it('are told of outside of a request, without their statement when that is not wanted', async () => {
    const { db, slow } = listening({ slowQueryMs: 0, captureStatement: false })
    await db.$count(users)
    expect(slow).toMatchObject([{ statement: undefined, operation: 'select', route: undefined, span: undefined }])
  })
})

describe('sampling', () => {
  it('makes no span under one that is not sampled, and counts the query', async () => {
    const { app, ended } = observed(false)
    const { tracer, spans } = fakeTracer()
    const metrics = createMetrics({ runtime: false })
    const db = instrumentDrizzle(raw, { tracer, metrics: dbMetrics(metrics) })
    app.get('/', async (c) => c.json(await db.transaction((tx) => tx.$count(users))))
    expect(await (await app.request('/')).text()).toBe('3')
    expect(spans).toEqual([])
    expect(ended[0]?.work.get('db')?.count).toBe(1)
    expect(await metrics.render()).toContain('db_queries_total{operation="select",table="users"} 1')
  })

  it('gives the durations an exemplar, the span of the query', async () => {
    const { tracer, spans } = fakeTracer()
    const metrics = createMetrics({ runtime: false })
    const db = instrumentDrizzle(raw, { tracer, metrics: dbMetrics(metrics) })
    await db.select().from(users)
    const { traceId, spanId } = spans[0] ?? {}
    expect(await metrics.render({ openMetrics: true })).toContain(`# {trace_id="${traceId}",span_id="${spanId}"}`)
  })

  it('makes its spans within the one that is current, with what a sampler asks for', async () => {
    const { tracer, spans, within } = fakeTracer()
    const db = instrumentDrizzle(raw, { tracer, system: 'cockroachdb' })
    await within('outer', () =>
      runInScope({ exchange: undefined, span }, () => db.select().from(users).where(eq(users.id, 1)).execute()),
    )
    const [outer, query] = spans
    expect(query?.parent).toBe(outer)
    expect(query?.options).toEqual({
      kind: 2,
      attributes: {
        'db.system.name': 'cockroachdb',
        'db.operation.name': 'select',
        'db.collection.name': 'users',
        'db.query.text': 'select "id", "email", "name" from "users" where "users"."id" = $1',
      },
    })
  })
})
