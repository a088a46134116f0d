import { PGlite } from '@electric-sql/pglite'
import { type Exchange, runInScope } from '@honoscope/core'
import { createMetrics } from '@honoscope/metrics'
import { runtime } from '@honoscope/testing'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/pglite'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DbMetrics, type DrizzleOptions, dbMetrics, instrumentDrizzle } from './index.ts'
import { fakeTracer } from './testing/fake-tracer.ts'
import { schema, setUp, startData, users } from './testing/schema.ts'

const client = await PGlite.create()
/** What Drizzle sends, with its parameters. */
const sent: string[] = []
const raw = drizzle(client, { schema, logger: { logQuery: (text, params) => void sent.push(`${text} ${params}`) } })
type Db = typeof raw

beforeAll(() => client.exec(setUp))
afterAll(() => client.close())
beforeEach(async () => {
  await client.exec(startData)
  sent.length = 0
})

const own = new RangeError('mine')

/** Something of everything; gives all that a caller can see of it. */
async function scenario(db: Db): Promise<unknown[]> {
  const seen: unknown[] = []
  const take = async (work: () => PromiseLike<unknown>) =>
    work().then(
      (result) => seen.push(JSON.stringify(result)),
      (error: Error) => seen.push(error === own ? own : error.message),
    )
  await take(() => db.select().from(users).orderBy(users.id))
  await take(() => db.insert(users).values({ email: 'a@x', name: 'twice' }))
  await take(() => db.execute(sql`select * from ${users} where ${users.id} = ${2}`))
  await take(() => db.query.users.findFirst({ with: { posts: true } }))
  await take(() =>
    db.transaction(async (tx) => {
      await tx.insert(users).values({ email: 'new@x', name: 'New' })
      await tx.transaction((inner) => inner.delete(users).where(sql`false`))
      return tx.$count(users)
    }),
  )
  await take(() =>
    db.transaction(async (tx) => {
      await tx.delete(users)
      throw own
    }),
  )
  await take(() => db.transaction(async (tx) => tx.rollback()))
  await take(() => db.$count(users))
  return seen
}

/** A request that the scenario belongs to. */
const exchangeOf = (addWork: () => void): Exchange => ({ addWork, route: '/' }) as Partial<Exchange> as Exchange

/** All sinks at once; `fail` is asked before each does anything. */
function sinks(fail: (where: string) => void): { options: DrizzleOptions; exchange: Exchange; faults: unknown[] } {
  const { tracer } = fakeTracer((method) => fail(`tracer ${method}`))
  const real = dbMetrics(createMetrics({ runtime: false }))
  const faults: unknown[] = []
  const metrics: DbMetrics = {
    query(command, table) {
      fail('metrics query')
      const record = real.query(command, table)
      return (durationMs, trace) => {
        fail('metrics record')
        record(durationMs, trace)
      }
    },
    failed(command, reason) {
      fail('metrics failed')
      real.failed(command, reason)
    },
    connections: real.connections,
  }
  const told = (where: string) => () => {
    fail(where)
    return fail(`${where} later`)
  }
  const options: DrizzleOptions = {
    tracer,
    metrics,
    onSlowQuery: told('onSlowQuery'),
    slowQueryMs: 0,
    onNPlusOne: told('onNPlusOne'),
    nPlusOneCount: 2,
    onFault(fault) {
      faults.push(fault.error)
      return fail('onFault')
    },
    clock() {
      fail('clock')
      return performance.now()
    },
  }
  return { options, exchange: exchangeOf(() => fail('addWork')), faults }
}

const places = [
  ...['startSpan', 'startActiveSpan', 'startActiveSpan after', 'spanContext', 'setAttribute', 'setStatus', 'end'].map(
    (method) => `tracer ${method}`,
  ),
  ...['metrics query', 'metrics record', 'metrics failed', 'addWork', 'clock'],
  ...['onSlowQuery', 'onSlowQuery later', 'onNPlusOne', 'onNPlusOne later', 'onFault'],
]

describe('a sink that fails changes nothing', () => {
  const fault = new Error('a sink is broken')

  async function bare(): Promise<{ seen: unknown[]; statements: string[] }> {
    const seen = await scenario(raw)
    const statements = sent.splice(0)
    await client.exec(startData)
    return { seen, statements }
  }

  it.each(places)('%s', async (place) => {
    const expected = await bare()
    let failures = 0
    const fail = (where: string): unknown => {
      // `onFault` is only called when something else fails.
      if (where !== place && !(place === 'onFault' && where === 'metrics record')) return undefined
      failures++
      if (where.endsWith(' later')) return Promise.reject(fault)
      throw fault
    }
    const { options, exchange, faults } = sinks(fail)
    const db = instrumentDrizzle(raw, options)
    const seen = await runInScope({ exchange, span: undefined }, () => scenario(db))
    expect(seen).toEqual(expected.seen)
    expect(seen.includes(own)).toBe(true)
    expect(sent).toEqual(expected.statements)
    expect(failures).toBeGreaterThan(0)
    expect(new Set(faults)).toEqual(new Set([fault]))
  })

  it.each([
    ['does not call back', () => undefined],
    ['calls back later', (_: string, __: object, fn: (span: unknown) => unknown) => void setTimeout(fn, 5)],
    [
      'calls back twice and returns something else',
      (_: string, __: object, fn: (span: unknown) => unknown) => [fn({}), fn({}), 'else'][2],
    ],
    [
      'returns a promise of its own that rejects',
      async (_: string, __: object, fn: (span: unknown) => unknown) => {
        await fn({})
        throw fault
      },
    ],
  ])('a tracer whose startActiveSpan %s', async (_, startActiveSpan) => {
    const expected = await bare()
    const { tracer } = fakeTracer()
    const db = instrumentDrizzle(raw, { tracer: Object.assign(tracer, { startActiveSpan }) })
    expect(await scenario(db)).toEqual(expected.seen)
    expect(sent).toEqual(expected.statements)
    await new Promise((resolve) => setTimeout(resolve, 20))
  })
})

describe('what a caller can hold on to stays the same', () => {
  it('throws the very error that Drizzle threw', async () => {
    const thrown: unknown[] = []
    const spied = drizzle(client, { schema })
    const session: { prepareQuery(...args: unknown[]): { execute(...args: unknown[]): Promise<unknown> } } =
      Reflect.get(spied, 'session')
    const { prepareQuery } = session
    session.prepareQuery = (...args) => {
      const prepared = prepareQuery.apply(session, args)
      const { execute } = prepared
      prepared.execute = (...values) =>
        execute.apply(prepared, values).catch((error: unknown) => {
          thrown.push(error)
          throw error
        })
      return prepared
    }
    const db = instrumentDrizzle(spied, sinks(() => {}).options)
    for (const query of [db.insert(users).values({ email: 'a@x', name: 'x' }), db.execute('nonsense')]) {
      const error = await query.then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(error).toBeInstanceOf(Error)
      expect(error).toBe(thrown.pop())
    }
  })

  it('throws at once where the driver does', () => {
    const spied = drizzle(client, { schema })
    const session: { prepareQuery(): unknown } = Reflect.get(spied, 'session')
    session.prepareQuery = () => ({
      mapResult: () => undefined,
      execute() {
        throw own
      },
    })
    const db = instrumentDrizzle(spied, sinks(() => {}).options)
    expect(() => db.execute('select 1').execute()).toThrow(own)
  })

  // Bun's test runner takes such a rejection for its own.
  it.skipIf(runtime === 'bun')('leaves a rejection that nobody handles to the process (Node only)', async () => {
    const unhandled: unknown[] = []
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', (error) => unhandled.push(error))
    void instrumentDrizzle(raw, sinks(() => {}).options)
      .execute('nonsense')
      .execute()
    await new Promise((resolve) => setTimeout(resolve, 50))
    process.removeAllListeners('unhandledRejection')
    for (const other of others) process.on('unhandledRejection', other)
    expect(unhandled).toHaveLength(1)
  })

  it('runs a builder when it is awaited and not before, and each time', async () => {
    const db = instrumentDrizzle(raw, sinks(() => {}).options)
    const query = db.insert(users).values({ email: 'lazy@x', name: 'Lazy' }).onConflictDoNothing().returning()
    const count = db.$count(users)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(sent).toEqual([])
    expect(await query).toHaveLength(1)
    expect(await query).toHaveLength(0)
    await query.catch(() => {})
    await query.finally(() => {})
    expect(await count).toBe(4)
    expect(sent).toHaveLength(5)
    const prepared = db.select().from(users).prepare('reused')
    await Promise.all([prepared.execute(), prepared.execute(), prepared.execute()])
    expect(sent).toHaveLength(8)
  })

  it('leaves the given database as it is, and twice is once', async () => {
    const before = { ...raw }
    const session = { ...Reflect.get(raw, 'session') }
    const db = instrumentDrizzle(raw, sinks(() => {}).options)
    await scenario(db)
    expect({ ...raw }).toEqual(before)
    expect({ ...Reflect.get(raw, 'session') }).toEqual(session)
    expect(db).not.toBe(raw)
    expect(instrumentDrizzle(db)).toBe(db)
    await db.transaction(async (tx) => expect(instrumentDrizzle(tx)).toBe(tx))
    expect(db).toBeInstanceOf(raw.constructor)
    expect(db.$client).toBe(client)
    expect(Object.keys(db.query)).toEqual(Object.keys(raw.query))
  })

  it.each([
    ['slowQueryMs', { slowQueryMs: -1 }],
    ['slowQueryMs', { slowQueryMs: Number.NaN }],
    ['nPlusOneCount', { nPlusOneCount: 1 }],
    ['system', { system: '' }],
    ['onSlowQuery', { onSlowQuery: 'x' as never }],
    ['metrics', { metrics: {} as never }],
    ['tracer', { tracer: {} as never }],
  ])('refuses a wrong %s', (option, options) => {
    expect(() => instrumentDrizzle(raw, options)).toThrow(new RegExp(`^instrumentDrizzle: ${option} must`))
  })

  it('refuses what is no database', () => {
    expect(() => instrumentDrizzle({} as never)).toThrow('must be a PostgreSQL database')
    expect(() => instrumentDrizzle(undefined as never)).toThrow('must be a PostgreSQL database')
  })
})
