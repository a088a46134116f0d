import { randomUUID } from 'node:crypto'
import { until } from '@honoscope/testing'
import { type PostgresPair, pairMissing, startPostgresPair } from '@honoscope/testing/postgres-pair'
import { startTcpProxy } from '@honoscope/testing/tcp-proxy'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSwitch } from '../testing/switch.ts'
import { type Database, openDatabase } from './database.ts'
import { openReplica } from './replica.ts'

const why = pairMissing ? ` (skipped: ${pairMissing})` : ''

describe.skipIf(pairMissing)(`reading from a standby${why}`, () => {
  let pair: PostgresPair
  let database: Database
  const turns: string[] = []
  const open = (replicaUrls: readonly string[], url = pair.first.url): Promise<Database> =>
    openDatabase({
      url,
      dataDir: '',
      replicaUrls,
      onReplicaTurn: ({ name }, isFailing) => void turns.push(`${name} ${isFailing}`),
    })

  /** A standby's own statements. */
  const onStandby = async (statement: string): Promise<void> => {
    const client = postgres(pair.second.url, { max: 1, onnotice: () => {} })
    await client.unsafe(statement)
    await client.end()
  }

  /** Reads the number of marks, and tells which server did it. */
  const count = async (from = database): Promise<readonly [number, 'first' | 'second']> => {
    const label = randomUUID()
    const fields = { n: sql<number>`(select count(*)::int from marks)`, label: sql<string>`${sql.raw(`'${label}'`)}` }
    const [row] = await from.read((db) => db.select(fields).from(sql`(values (1)) as one`))
    return [row?.n ?? -1, pair.second.log().includes(label) ? 'second' : 'first']
  }
  const mark = (): Promise<unknown> => database.run((db) => db.execute(sql`insert into marks values (1)`))

  beforeAll(async () => {
    pair = await startPostgresPair()
    database = await open([pair.second.url])
    await database.run((db) => db.execute(sql`create table marks (n int)`))
    await pair.caughtUp()
  }, 60_000)
  afterAll(async () => {
    await database?.close()
    await pair?.remove()
  }, 60_000)
  beforeEach(async () => {
    await database.run((db) => db.execute(sql`truncate marks`))
    await pair.caughtUp()
    // One that was behind is left out for a second, one that failed for five.
    await until(async () => (await count())[1] === 'second', 10_000)
    turns.length = 0
  })

  it('happens while it is caught up, and shows one’s own writes at once', async () => {
    const served = { first: 0, second: 0 }
    for (let n = 1; n <= 200; n++) {
      await mark()
      const [found, by] = await count()
      expect(found).toBe(n)
      served[by] += 1
    }
    // On a loaded machine it may be behind for a moment, which costs it a second of them.
    expect(served.second).toBeGreaterThan(20)
  }, 60_000)

  it('takes eight connections at most, however many read at once', async () => {
    const other = await open([pair.second.url])
    const counts = await Promise.all(Array.from({ length: 60 }, () => count(other)))
    expect(counts.map(([n]) => n)).toEqual(counts.map(() => 0))
    expect(counts.some(([, by]) => by === 'second')).toBe(true)
    const client = postgres(pair.second.url, { max: 1, onnotice: () => {} })
    const [found] = await client<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity where application_name = 'tokmesh'`
    await client.end()
    // One is of the database that the other tests read with.
    expect(found?.n).toBeLessThanOrEqual(9)
    await other.close()
  }, 60_000)

  it('does not happen while it is behind', async () => {
    await onStandby('select pg_wal_replay_pause()')
    await mark()
    expect(await count()).toEqual([1, 'first'])
    await mark()
    expect(await count()).toEqual([2, 'first'])
    await onStandby('select pg_wal_replay_resume()')
    await pair.caughtUp()
    await until(async () => (await count())[1] === 'second', 5_000)
    // That it was behind is no failure.
    expect(turns).toEqual([])
  }, 60_000)

  it('does not happen while it is down, and goes on when it is back', async () => {
    await pair.second.stop()
    await mark()
    expect(await count()).toEqual([1, 'first'])
    expect(await count()).toEqual([1, 'first'])
    expect(turns).toEqual([`127.0.0.1:${pair.second.port} true`])
    await pair.second.start()
    await until(async () => (await count())[1] === 'second', 15_000)
    expect(turns).toEqual([`127.0.0.1:${pair.second.port} true`, `127.0.0.1:${pair.second.port} false`])
  }, 60_000)

  it('is given up within a second when it falls silent, and then not tried by every call', async () => {
    const proxy = await startTcpProxy(pair.second.port)
    const other = await open([pair.second.url.replace(`:${pair.second.port}/`, `:${proxy.port}/`)])
    expect(await count(other)).toEqual([0, 'second'])
    proxy.freeze()
    const times: number[] = []
    for (let i = 0; i < 3; i++) {
      const started = performance.now()
      expect(await count(other)).toEqual([0, 'first'])
      times.push(performance.now() - started)
    }
    expect(times[0]).toBeLessThan(1_900)
    expect(Math.max(...times.slice(1))).toBeLessThan(500)
    proxy.thaw()
    await until(async () => (await count(other))[1] === 'second', 10_000)
    await other.close()
    await proxy.stop()
  }, 60_000)

  it('does not happen at a server that is no standby, or none of the same history', async () => {
    const front = await startSwitch(pair.first.port)
    const other = await open([pair.second.url.replace(`:${pair.second.port}/`, `:${front.port}/`)])
    expect(await count(other)).toEqual([0, 'first'])
    await other.close()
    await front.stop()

    // A place that it is far beyond, in its own history and in another one.
    const replica = openReplica(pair.second.url)
    const readAt = (timeline: number) => replica.read({ lsn: '0/0', timeline }, async () => 'read')
    expect(await readAt(1)).toEqual({ value: 'read' })
    expect(await readAt(2)).toBeUndefined()
    await replica.close()
  }, 60_000)

  it('fails when the primary can’t be asked, since then nobody knows how old the standby is', async () => {
    const front = await startSwitch(pair.first.port)
    const other = await open([pair.second.url], pair.first.url.replace(`:${pair.first.port}/`, `:${front.port}/`))
    expect(await count(other)).toEqual([0, 'second'])
    await front.stop()
    await expect(count(other)).rejects.toMatchObject({ code: 'TM-SYS-5030' })
    await other.close()
    await expect(count(other)).rejects.toMatchObject({ code: 'TM-SYS-5030' })
  }, 60_000)

  it('needs no more than the rights of any role', async () => {
    await database.run((db) =>
      db.execute(sql.raw(`create role plain login password 'plain'; grant select on marks to plain`)),
    )
    await pair.caughtUp()
    const as = (url: string) => url.replace(/\/\/[^@]*@/, '//plain:plain@')
    const other = await open([as(pair.second.url)], as(pair.first.url))
    expect(await count(other)).toEqual([0, 'second'])
    await other.close()
  }, 60_000)
})
