import { createMetrics } from '@honoscope/metrics'
import { startPostgres } from '@honoscope/testing/postgres'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countConnections, dbMetrics, instrumentDrizzle, type Pool, type WatchPoolOptions, watchPool } from './index.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const intervalMs = 100

/** Watches a pool, and gives the gauges as they stand after the next sample. */
function watching(pool: Pool, options: Omit<WatchPoolOptions, 'metrics'> = {}) {
  const metrics = createMetrics({ runtime: false })
  const db = dbMetrics(metrics)
  const stop = watchPool(pool, { metrics: db, intervalMs, ...options })
  const now = async (): Promise<Record<string, number>> => {
    const found = (await metrics.render()).matchAll(/^db_connections_(\w+) (\d+)$/gm)
    return Object.fromEntries([...found].map(([, name, value]) => [name, Number(value)]))
  }
  return { stop, db, now, next: () => pause(intervalMs * 2.5).then(now) }
}

describe('the gauges of a pool', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  it('of node-postgres: open, waiting and the most there may be', async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 2 })
    const gauges = watching(pool)
    expect(await gauges.now()).toEqual({ open: 0, max: 2, waiting: 0 })
    const held = [await pool.connect(), await pool.connect()]
    const third = pool.connect()
    expect(await gauges.next()).toEqual({ open: 2, max: 2, waiting: 1 })
    held[0]?.release(true)
    held[1]?.release()
    ;(await third).release()
    expect(await gauges.next()).toMatchObject({ waiting: 0 })
    gauges.stop()
    await pool.end()
    expect(await gauges.next()).toEqual({})
  })

  it('of postgres-js: the sockets that were made for it, also when the server refuses some', async () => {
    const connections = countConnections()
    const options = { max: 3, onnotice: () => {}, socket: connections.socket, backoff: false }
    const sql = postgres(server.url, options)
    const gauges = watching(sql, { connections })
    expect(await gauges.now()).toEqual({ open: 0, max: 3 })
    const db = instrumentDrizzle(drizzlePostgres(sql), { metrics: gauges.db })
    await Promise.all([1, 2, 3].map(() => db.transaction((tx) => tx.execute('select pg_sleep(0.05)'))))
    expect(await gauges.next()).toEqual({ open: 3, max: 3 })
    const [{ pid } = { pid: 0 }] = await sql`select pg_backend_pid() as pid`
    const other = postgres(server.url, { max: 1 })
    await other`select pg_terminate_backend(${pid})`
    await other.end()
    expect(await gauges.next()).toEqual({ open: 2, max: 3 })

    await server.pause()
    await sql`select 1`.catch(() => {})
    expect(await gauges.next()).toEqual({ open: 0, max: 3 })
    for (let i = 0; i < 5; i++) await sql`select 1`.catch(() => {})
    expect(await gauges.next()).toEqual({ open: 0, max: 3 })
    await server.resume()
    await sql`select 1`
    expect(await gauges.next()).toEqual({ open: 1, max: 3 })
    await sql.end()
    gauges.stop()
  })

  it('of postgres-js without a counter: only what it tells', async () => {
    const sql = postgres(server.url, { max: 7 })
    const gauges = watching(sql)
    expect(await gauges.now()).toEqual({ max: 7 })
    gauges.stop()
    await sql.end()
  })

  it('of several pools: their sum', async () => {
    const gauges = watching(() => ({ open: 1, max: 5 }))
    const stop = watchPool(() => ({ open: 2, waiting: 4 }), { metrics: gauges.db })
    expect(await gauges.now()).toEqual({ open: 3, max: 5, waiting: 4 })
    stop()
    stop()
    expect(await gauges.now()).toEqual({ open: 1, max: 5 })
    gauges.stop()
  })

  it('of one that throws: none, and the process lives', async () => {
    const gauges = watching(() => {
      throw new Error('no numbers')
    })
    expect(await gauges.next()).toEqual({})
    const stop = watchPool(() => ({ open: 2, max: 4 }), { metrics: gauges.db })
    expect(await gauges.now()).toEqual({ open: 2, max: 4 })
    stop()
    gauges.stop()
  })

  it('end no sooner than asked, and keep no process alive', async () => {
    const timers: unknown[] = []
    const { setInterval } = globalThis
    globalThis.setInterval = ((...args: Parameters<typeof setInterval>) => {
      const timer = setInterval(...args)
      timers.push(timer)
      return timer
    }) as typeof setInterval
    const gauges = watching(() => ({}))
    globalThis.setInterval = setInterval
    expect(timers).toHaveLength(1)
    expect((timers[0] as { hasRef(): boolean }).hasRef()).toBe(false)
    gauges.stop()
  })

  it.each([
    [undefined, {}],
    [{}, {}],
    ['postgres://', {}],
    [() => ({}), { intervalMs: 1 }],
    [() => ({}), { metrics: {} as never }],
  ])('refuse a wrong pool or option: %j %j', (pool, options) => {
    const metrics = dbMetrics(createMetrics({ runtime: false }))
    expect(() => watchPool(pool as Pool, { metrics, ...options })).toThrow(/^watchPool: /)
  })
})
