import { observe } from '@honoscope/core'
import { testDatabase } from '@honoscope/testing/postgres'
import { createTracing } from '@honoscope/tracing'
import { drizzle } from 'drizzle-orm/postgres-js'
import { Hono } from 'hono'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { instrumentDrizzle } from './index.ts'
import { schema, setUp, startData, users } from './testing/schema.ts'

const database = await testDatabase()
const client = postgres(database.url, { max: 4, onnotice: () => {} })
// Awaited here: it is sent when its `then` is called, which Bun's runner does not.
beforeAll(async () => {
  await client.unsafe(setUp + startData)
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

/** What of a finished span is looked at here. */
interface Finished {
  readonly name: string
  readonly parentSpanContext?: { readonly spanId: string }
  spanContext(): { readonly traceId: string; readonly spanId: string }
}

async function traced(samplingRatio: number, keep?: { readonly slowerThanMs: number }) {
  const spans: Finished[] = []
  const exporter = {
    export(batch: readonly Finished[], done: (result: { code: number }) => void) {
      spans.push(...batch)
      done({ code: 0 })
    },
    shutdown: async () => {},
  }
  const tracing = await createTracing({ exporter, sampler: 'traceidratio', samplingRatio, ...(keep && { keep }) })
  const db = instrumentDrizzle(drizzle(client, { schema }), { tracer: tracing.tracer })
  const app = new Hono()
  app.use(observe(tracing.http()))
  app.get('/users', async (c) => {
    const found = await db.select().from(users)
    const count = await db.transaction(async (tx) => {
      await tx.transaction((inner) => inner.select().from(users))
      return tx.$count(users)
    })
    return c.json([found.length, count])
  })
  const answers = await Promise.all(Array.from({ length: 10 }, async () => (await app.request('/users')).json()))
  await tracing.shutdown()
  expect(answers).toEqual(Array(10).fill([3, 3]))
  return spans
}

it('puts the spans of a request below its own, through transactions, for many at a time', async () => {
  const spans = await traced(1)
  const parentOf = ({ parentSpanContext }: Finished) =>
    spans.find((span) => span.spanContext().spanId === parentSpanContext?.spanId)?.name
  const seen = spans.map((span) => `${parentOf(span)} > ${span.name}`)
  const expected = [
    'undefined > GET /users',
    'GET /users > db.select',
    'GET /users > db.transaction',
    'db.transaction > db.savepoint',
    'db.savepoint > db.select',
    'db.transaction > db.select',
  ]
  expect(seen.sort()).toEqual(expected.flatMap((line) => Array(10).fill(line)).sort())
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(10)
})

it('is there for requests that are kept although they are not sampled', async () => {
  const names = (await traced(0, { slowerThanMs: 0.001 })).map(({ name }) => name)
  expect(names.filter((name) => name === 'GET /users')).toHaveLength(10)
  expect(names.filter((name) => name === 'db.select')).toHaveLength(30)
})

it('makes none for requests that are not sampled', async () => {
  expect(await traced(0)).toEqual([])
})
