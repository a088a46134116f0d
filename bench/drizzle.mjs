/**
 * Prints what `instrumentDrizzle()` adds to a query above the same query on the same Drizzle without it.
 * The budget: 5 µs, and 1 µs when the request is not sampled.
 *
 *     node bench/drizzle.mjs
 *     bun bench/drizzle.mjs
 *
 * All of it runs inside of requests, those of the bare database too, so that none has a context more than the others.
 */
import { PGlite } from '@electric-sql/pglite'
import { observe } from '@honoscope/core'
import { dbMetrics, instrumentDrizzle } from '@honoscope/db-drizzle-instrumentation'
import { createMetrics } from '@honoscope/metrics'
import { startPostgres } from '@honoscope/testing/postgres'
import { createTracing } from '@honoscope/tracing'
import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle as overPglite } from 'drizzle-orm/pglite'
import { drizzle as overPostgres } from 'drizzle-orm/postgres-js'
import { Hono } from 'hono'
import postgres from 'postgres'
import { costOf, inTurn, median, progress, table } from './measure.mjs'

const users = pgTable('users', { id: integer('id').primaryKey(), name: text('name').notNull() })

let exported = 0
/** Where spans end: nowhere. */
const drop = {
  /** @type {import('@opentelemetry/sdk-trace-base').SpanExporter['export']} */
  export(spans, done) {
    exported += spans.length
    done({ code: 0 })
  },
  shutdown: () => Promise.resolve(),
}

/**
 * Requests that are sampled or not: `within(job)` is one that does the job.
 *
 * @param {number} samplingRatio
 */
async function requests(samplingRatio) {
  const tracing = await createTracing({ exporter: drop, sampler: 'traceidratio', samplingRatio })
  /** @type {() => Promise<unknown>} */
  let job = async () => {}
  const app = new Hono().use(observe(tracing.http())).get('/', async (c) => {
    await job()
    return c.text('')
  })
  return {
    tracer: tracing.tracer,
    /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
    async within(work) {
      /** @type {T | undefined} */
      let result
      job = async () => {
        result = await work()
      }
      await app.request('/')
      return /** @type {T} */ (result)
    },
  }
}

const unsampled = await requests(0)
const sampled = await requests(1)

/** Makes subjects of a database: what runs a query, and the requests that it runs in. */
const subjectsOf = (/** @type {any} */ db, /** @type {(db: any) => () => Promise<unknown>} */ queryOf) => {
  const metrics = dbMetrics(createMetrics({ runtime: false }))
  const { tracer } = unsampled
  return {
    bare: { query: queryOf(db), within: unsampled.within },
    'metrics only': { query: queryOf(instrumentDrizzle(db, { metrics })), within: unsampled.within },
    'metrics and tracer, unsampled': {
      query: queryOf(instrumentDrizzle(db, { metrics, tracer })),
      within: unsampled.within,
    },
    'metrics and tracer, sampled': {
      query: queryOf(instrumentDrizzle(db, { metrics, tracer: sampled.tracer })),
      within: sampled.within,
    },
  }
}

/** @type {(db: any) => () => Promise<unknown>} */
const built = (db) => () => db.select().from(users).where(eq(users.id, 1)).execute()
/** @type {(db: any) => () => Promise<unknown>} */
const prepared = (db) => {
  const query = db
    .select()
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare('user_by_id')
  return () => query.execute({ id: 1 })
}

/** postgres.js that has the answer at once, so that nothing but Drizzle is measured. */
function instantPostgres() {
  const rows = Object.assign(Promise.resolve([{ id: 1, name: 'a' }]), { values: () => Promise.resolve([[1, 'a']]) })
  return /** @type {any} */ ({ options: { parsers: {}, serializers: {} }, unsafe: () => rows })
}

/**
 * @param {string} title
 * @param {any} db
 * @param {(db: any) => () => Promise<unknown>} queryOf
 * @param {{ calls: number, rounds: number }} size
 */
async function measure(title, db, queryOf, { calls, rounds }) {
  progress(`drizzle: ${title} …`)
  const found = await inTurn(
    subjectsOf(db, queryOf),
    async ({ query, within }) => {
      const before = exported
      const cost = await within(() => costOf(query, calls, 50))
      return { ...cost, spans: (exported - before) / calls }
    },
    { rounds, warmUp: Math.ceil(rounds / 3) },
  )
  const bare = found.bare ?? []
  return Object.entries(found).map(([name, all]) => {
    // Neighbours of a round share its weather.
    const added = (/** @type {'cpu' | 'wall'} */ of) =>
      median(all.map((one, i) => one[of] - (bare[i]?.[of] ?? Number.NaN)))
    const query = median(all.map(({ wall }) => wall))
    const cells = [query, added('cpu'), added('wall')].map((ns) => (ns / 1000).toFixed(2))
    return [title, name, (all.reduce((sum, one) => sum + one.spans, 0) / all.length).toFixed(2), ...cells]
  })
}

const server = await startPostgres()
const client = postgres(server.url, { max: 1, onnotice: () => {} })
const pglite = await PGlite.create()
const databases = {
  instant: overPostgres(instantPostgres()),
  pglite: overPglite(pglite),
  postgres: overPostgres(client),
}
for (const db of [databases.pglite, databases.postgres]) {
  await db.execute(sql`create table users (id integer primary key, name text not null)`)
  await db.execute(sql`insert into users values (1, 'a')`)
}

const rows = [
  ...(await measure('a driver that answers at once, prepared', databases.instant, prepared, {
    calls: 1000,
    rounds: 41,
  })),
  ...(await measure('a driver that answers at once, built each time', databases.instant, built, {
    calls: 1000,
    rounds: 41,
  })),
  ...(await measure('PGlite, built each time', databases.pglite, built, { calls: 100, rounds: 21 })),
  ...(await measure('PostgreSQL by postgres.js, built each time', databases.postgres, built, {
    calls: 200,
    rounds: 21,
  })),
]
const head = [
  'query',
  'database',
  'spans a query',
  'query, µs by the clock',
  'added, µs of CPU',
  'added, µs by the clock',
]
table('One query by Drizzle', head, rows)
await client.end()
await pglite.close()
await server.stop()
process.exit()
