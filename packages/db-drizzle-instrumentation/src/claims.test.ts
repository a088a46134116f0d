import { createMetrics } from '@honoscope/metrics'
import { startPostgres } from '@honoscope/testing/postgres'
import { inArray, sql } from 'drizzle-orm'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { integer, type PgDatabase, type PgQueryResultHKT, pgTable } from 'drizzle-orm/pg-core'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dbMetrics, instrumentDrizzle } from './index.ts'
import { fakeTracer } from './testing/fake-tracer.ts'

const taskCount = 2_000
const workerCount = 20
const batch = 20
const tasks = pgTable('tasks', { id: integer('id').primaryKey(), worker: integer('worker') })
type Db = PgDatabase<PgQueryResultHKT, Record<string, never>>

/** Called by a worker before each of its statements. */
type Turn = () => Promise<void>

class GaveUp extends Error {}

/** Claims batches until there are none. Every third transaction is rolled back, every fifth loses its first savepoint. */
async function work(db: Db, worker: number, turn: Turn, claims: Map<number, number[]>): Promise<void> {
  for (let round = 0; ; round++) {
    await turn()
    const claimed = await db
      .transaction(async (tx) => {
        await turn()
        const free = sql`${tasks.worker} is null`
        const found = await tx
          .select()
          .from(tasks)
          .where(free)
          .orderBy(tasks.id)
          .limit(batch)
          .for('update', { skipLocked: true })
        const ids = found.map(({ id }) => id)
        if (ids.length === 0) return ids
        if ((worker + round) % 5 === 0)
          await tx.transaction(async (inner) => claim(inner, ids, -1, turn, true)).catch(() => {})
        await claim(tx, ids, worker, turn, (worker + round) % 3 === 0)
        await turn()
        return ids
      })
      .catch((error: unknown) => {
        if (error instanceof GaveUp) return undefined
        throw error
      })
    if (claimed?.length === 0) return
    for (const id of claimed ?? []) claims.set(id, [...(claims.get(id) ?? []), worker])
  }
}

async function claim(tx: Db, ids: number[], worker: number, turn: Turn, fails: boolean): Promise<void> {
  await turn()
  await tx.update(tasks).set({ worker }).where(inArray(tasks.id, ids))
  if (fails) throw new GaveUp()
}

/** Lets one worker at a time do one statement, in an order that looks random and is the same each time. */
function inTurn(): { turnOf(worker: number): Turn; run(workers: Promise<void>[]): Promise<void> } {
  const waiting = new Map<number, () => void>()
  let ended = 0
  let seed = 7
  const next = (): void => {
    if (waiting.size === 0 || waiting.size + ended < workerCount) return
    seed = (seed * 16_807) % 2_147_483_647
    const worker = [...waiting.keys()].sort((a, b) => a - b)[seed % waiting.size] as number
    const go = waiting.get(worker)
    waiting.delete(worker)
    go?.()
  }
  return {
    turnOf: (worker) => () =>
      new Promise((resolve) => {
        waiting.set(worker, resolve)
        next()
      }),
    async run(workers) {
      const end = (): void => {
        ended++
        next()
      }
      await Promise.all(workers.map((worker) => worker.finally(end)))
    },
  }
}

const log: string[] = []
let server: Awaited<ReturnType<typeof startPostgres>>
let admin: postgres.Sql
beforeAll(async () => {
  const settings = { log_statement: 'all', log_line_prefix: '%p ', fsync: 'off', log_checkpoints: 'off' }
  server = await startPostgres({ settings, onLog: (text) => log.push(text) })
  admin = postgres(server.url, { max: 1, onnotice: () => {} })
})
afterAll(async () => {
  await admin.end()
  await server.stop()
})

/** Fills the table, runs `claiming`, and gives what the server logged meanwhile: each statement with its connection. */
async function logged(claiming: () => Promise<unknown>): Promise<string[]> {
  await admin`drop table if exists tasks`
  await admin`create table tasks (id int primary key, worker int)`
  await admin`insert into tasks select generate_series(1, ${taskCount})`
  const before = log.length
  const marker = `-- done ${before}`
  await claiming()
  await admin.unsafe(`${marker}\nselect 1`)
  while (!log.slice(before).join('').includes(marker)) await new Promise((resolve) => setTimeout(resolve, 10))
  const pids: string[] = []
  return log
    .slice(before)
    .join('')
    .split('\n')
    .flatMap((line) => {
      const [, pid, text] = /^(\d+) (?:LOG|DETAIL|ERROR): {2}(.*)$/.exec(line) ?? []
      if (
        pid === undefined ||
        text === undefined ||
        !/tasks|begin|commit|rollback|savepoint|release|Parameters/.test(text)
      )
        return []
      if (!pids.includes(pid)) pids.push(pid)
      // postgres-js gives its prepared statements random names.
      return [`${pids.indexOf(pid)} ${text.replace(/^execute \w+:/, 'execute named:')}`]
    })
    .filter((line) => !/drop table|create table|insert into/.test(line))
}

const drivers = [
  {
    name: 'postgres-js',
    async open() {
      const sql = postgres(server.url, { max: workerCount, fetch_types: false, onnotice: () => {} })
      return { db: drizzlePostgres(sql) as Db, end: () => sql.end() }
    },
  },
  {
    name: 'node-postgres',
    async open() {
      const pool = new pg.Pool({ connectionString: server.url, max: workerCount })
      // Under Bun the pool's end does not wait for its connections', which the server's end is then heard on.
      pool.on('connect', (client) => client.on('error', () => {}))
      // A connection that is still being made would be passed over for another that is free, or not: by chance.
      const clients = await Promise.all(Array.from({ length: workerCount }, () => pool.connect()))
      for (const client of clients) client.release()
      return { db: drizzlePg(pool) as Db, end: () => pool.end() }
    },
  },
]

function instrumented(db: Db): Db {
  return instrumentDrizzle(db, {
    metrics: dbMetrics(createMetrics({ runtime: false })),
    tracer: fakeTracer().tracer,
    onSlowQuery: () => {},
    slowQueryMs: 0,
  })
}

describe.each(drivers)('claiming tasks with FOR UPDATE SKIP LOCKED over $name', ({ open }) => {
  it('sends the same statements in the same order on the same connections, with the same claims', async () => {
    const runs = []
    for (const decorate of [(db: Db) => db, instrumented]) {
      const { db, end } = await open()
      const claims = new Map<number, number[]>()
      const { turnOf, run } = inTurn()
      const statements = await logged(() =>
        run(Array.from({ length: workerCount }, (_, worker) => work(decorate(db), worker, turnOf(worker), claims))),
      )
      await end()
      runs.push({ claims: [...claims], statements })
    }
    const [bare, observed] = runs
    expect(bare?.claims).toHaveLength(taskCount)
    expect(bare?.statements.length).toBeGreaterThan((taskCount / batch) * 4)
    expect(observed).toEqual(bare)
  })

  it('gives each task to one worker when they run freely', async () => {
    const { db, end } = await open()
    const claims = new Map<number, number[]>()
    const observed = instrumented(db)
    const statements = await logged(() =>
      Promise.all(Array.from({ length: workerCount }, (_, worker) => work(observed, worker, async () => {}, claims))),
    )
    await end()
    expect(claims.size).toBe(taskCount)
    expect([...claims.values()].every((workers) => workers.length === 1)).toBe(true)
    const stored = await admin`select id, worker from tasks`
    expect(stored.every(({ id, worker }) => claims.get(id)?.[0] === worker)).toBe(true)
    expect(statements.some((line) => line.includes('rollback'))).toBe(true)
  })
})
