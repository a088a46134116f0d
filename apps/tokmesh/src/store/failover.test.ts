import { until } from '@honoscope/testing'
import { type PostgresPair, pairMissing, startPostgresPair } from '@honoscope/testing/postgres-pair'
import { startTcpProxy } from '@honoscope/testing/tcp-proxy'
import { sql } from 'drizzle-orm'
import { afterEach, describe, expect, it } from 'vitest'
import { startSwitch } from '../testing/switch.ts'
import { openDatabase } from './database.ts'
import { migrate } from './migrate.ts'

const why = pairMissing ? ` (skipped: ${pairMissing})` : ''

describe.skipIf(pairMissing)(`several servers in DATABASE_URL${why}`, () => {
  let pair: PostgresPair | undefined
  afterEach(async () => {
    await pair?.remove()
    pair = undefined
  })

  const bothOf = ({ first, second }: PostgresPair, ports = [second.port, first.port], more = '') =>
    `${first.url.replace(`:${first.port}/`, `:${ports[0]},127.0.0.1:${ports[1]}/`)}${more}`

  it('connections go to the primary, and to the next one after a promotion', async () => {
    pair = await startPostgresPair()
    const { first, second } = pair
    // The standby is named first.
    const database = await openDatabase({ url: bothOf(pair), dataDir: '', poolSize: 4 })
    await migrate(database)
    await database.run((db) => db.execute(sql`create table marks (n int)`))
    const mark = (n: number) => database.run((db) => db.execute(sql`insert into marks values (${n})`))
    await Promise.all(Array.from({ length: 20 }, (_, n) => mark(n)))
    expect(second.log()).not.toContain('insert into marks')

    await pair.caughtUp()
    await first.stop('immediate')
    const started = performance.now()
    const refusals = await Promise.allSettled(Array.from({ length: 20 }, () => database.ping()))
    expect(refusals.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(
      Array(20).fill('TM-SYS-5030'),
    )
    expect(performance.now() - started).toBeLessThan(2_400)
    await second.promote()
    const promoted = performance.now()
    await until(
      () =>
        mark(100).then(
          () => true,
          () => false,
        ),
      10_000,
    )
    expect(performance.now() - promoted).toBeLessThan(5_000)

    // The old primary comes back and knows nothing of it: who starts now takes the one with the later timeline.
    await first.start()
    const later = await openDatabase({
      url: bothOf(pair, [first.port, second.port], '?target_session_attrs=primary'),
      dataDir: '',
    })
    const rows = await later.run((db) => db.select({ n: sql<number>`count(*)::int` }).from(sql`marks where n = 100`))
    expect(rows).toEqual([{ n: 1 }])
    await later.close()
    await database.close()
  }, 90_000)

  it('a primary that falls silent is left when another has been promoted', async () => {
    pair = await startPostgresPair()
    const { first, second } = pair
    const proxy = await startTcpProxy(first.port)
    const database = await openDatabase({ url: bothOf(pair, [proxy.port, second.port]), dataDir: '', poolSize: 4 })
    await database.run((db) => db.execute(sql`create table marks (n int)`))
    await pair.caughtUp()
    proxy.freeze()
    await expect(database.ping()).rejects.toMatchObject({ code: 'TM-SYS-5030' })
    await first.stop('immediate')
    await second.promote()
    const promoted = performance.now()
    const mark = () => database.run((db) => db.execute(sql`insert into marks values (1)`))
    await until(
      () =>
        mark().then(
          () => true,
          () => false,
        ),
      15_000,
    )
    expect(performance.now() - promoted).toBeLessThan(8_000)
    await database.close()
    await proxy.stop()
  }, 90_000)

  it('one server that becomes another behind the same address is noticed by its refusal to write', async () => {
    pair = await startPostgresPair()
    const { first, second } = pair

    const front = await startSwitch(first.port)
    const database = await openDatabase({
      url: first.url.replace(`:${first.port}/`, `:${front.port}/`),
      dataDir: '',
      poolSize: 2,
    })
    await database.run((db) => db.execute(sql`create table marks (n int)`))
    const mark = () => database.run((db) => db.execute(sql`insert into marks values (1)`))
    front.to(second.port)
    front.cut()
    await until(
      () =>
        mark().then(
          () => false,
          ({ cause }) => cause.code === '25006',
        ),
      5_000,
    )
    await expect(mark()).rejects.toMatchObject({ code: 'TM-SYS-5030' })
    await expect(database.ping()).rejects.toMatchObject({ code: 'TM-SYS-5030' })
    // The connections that are open lead to the standby: they have to be given up without being cut.
    front.to(first.port)
    await until(
      () =>
        mark().then(
          () => true,
          () => false,
        ),
      5_000,
    )
    await database.ping()
    await database.close()
    await front.stop()
  }, 90_000)
})
