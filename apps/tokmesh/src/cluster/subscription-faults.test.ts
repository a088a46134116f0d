/** What becomes of a subscription when something goes wrong; on a real PostgreSQL, through a real network. */
import { until } from '@honoscope/testing'
import { startPostgres } from '@honoscope/testing/postgres'
import { startTcpProxy, type TcpProxy } from '@honoscope/testing/tcp-proxy'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { isTrusted, type Listener, type ListenOptions, listen } from '../testing/listeners.ts'
import { fillTime, insertMany } from '../testing/many-sessions.ts'
import { boundMs } from './freshness.ts'

let server: Awaited<ReturnType<typeof startPostgres>>
let psql: ReturnType<typeof postgres>
let proxy: TcpProxy
const listeners: Listener[] = []

const rows = 5_000

beforeAll(async () => {
  server = await startPostgres()
  psql = postgres(server.url, { max: 5, onnotice: () => {}, backoff: () => 0.1 })
  proxy = await startTcpProxy(server.port)
  const database = await openDatabase({ url: server.url, dataDir: 'memory://' })
  await migrate(database)
  await insertMany(database, rows)
  await database.close()
}, 60_000)
afterEach(async () => {
  await Promise.all(listeners.splice(0).map(({ subscription }) => subscription.close()))
})
afterAll(async () => {
  await proxy.stop()
  await psql.end({ timeout: 1 })
  await server.stop()
})

const listener = async (options: Partial<ListenOptions> = {}) => {
  const one = await listen({ url: server.url.replace(String(server.port), String(proxy.port)), ...options })
  listeners.push(one)
  return one
}
const killListeners = () =>
  psql`select pg_terminate_backend(pid) from pg_stat_activity where query ilike '%from changes%' and pid <> pg_backend_pid()`

/** Revokes sessions, and looks all the time whether the node vouches for what it was not told of. */
async function underLoad(work: (one: Listener) => Promise<void>) {
  const begun = new Set<string>()
  const committed = new Map<string, number>()
  const stale: string[] = []
  const settle = (ids: Iterable<string>) => {
    for (const id of ids) {
      begun.delete(id)
      committed.delete(id)
    }
  }
  const one = await listener({ onTold: settle, onForget: () => settle([...begun]) })
  const { freshness } = one.subscription
  let looks = 0
  const look = setInterval(() => {
    const asOf = freshness.asOf()
    if (Number.isFinite(asOf)) looks += 1
    for (const [id, at] of committed) if (at < asOf) stale.push(id)
  }, 1)
  let [isOver, revoked] = [false, 0]
  const revoking = (async () => {
    for (let n = 1; !isOver; n++) {
      // Round and round: a fast machine would come to the end of them.
      const id = `tmss-${String((n % rows) + 1).padStart(26, '0')}`
      begun.add(id)
      await psql`update sessions set revoked_at = revoked_at + ${fillTime} where id = ${id}`
        .then(() => begun.has(id) && committed.set(id, freshness.now()))
        .catch(() => begun.delete(id))
      revoked += 1
    }
  })()
  await work(one)
  isOver = true
  await revoking
  await until(() => isTrusted(one) && committed.size === 0)
  clearInterval(look)
  expect(stale).toEqual([])
  return { one, looks, revoked }
}

describe('a subscription under load', () => {
  it('is back within about a second when its connection was ended, and vouches for nothing in between', async () => {
    let back = 0
    const { one, looks, revoked } = await underLoad(async (one) => {
      for (let n = 1; n <= 3; n++) {
        await until(() => isTrusted(one))
        await killListeners()
        await until(() => one.doubts.length === n)
        const at = performance.now()
        await until(() => isTrusted(one))
        back = Math.max(back, performance.now() - at)
      }
    })
    expect(one.doubts).toEqual(['connection', 'connection', 'connection'])
    expect(back).toBeLessThan(2_000)
    expect(looks).toBeGreaterThan(10)
    expect(revoked).toBeGreaterThan(10)
  }, 60_000)

  it('vouches for nothing two seconds after the network was cut, and does again when it is back', async () => {
    await underLoad(async (one) => {
      const { freshness, query } = one.subscription
      proxy.freeze()
      const cutAt = freshness.now()
      const last = freshness.asOf()
      while (freshness.now() - cutAt < 5_000) {
        const asOf = freshness.asOf()
        if (Number.isFinite(asOf)) expect(asOf - last).toBeLessThan(500)
        if (Number.isFinite(asOf)) expect(freshness.now() - asOf).toBeLessThan(boundMs)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      expect(one.doubts.length).toBeGreaterThan(0)
      await expect(query('select 1')).rejects.toMatchObject({ code: 'TM-SYS-5030' })
      proxy.thaw()
      await until(() => isTrusted(one), 8_000)
    })
  }, 60_000)

  it('is back after a restart of the server', async () => {
    const { one } = await underLoad(async (one) => {
      await server.pause()
      await until(() => !one.subscription.isLive())
      await server.resume()
      await until(() => isTrusted(one), 10_000)
    })
    expect(one.doubts[0]).toBe('connection')
  }, 60_000)
})

describe('a subscription doubts', () => {
  it.each([
    ['gap', 'a number that was skipped', 'update changes set seq = seq + 5'],
    ['gap', 'a message with a wrong number', "notify tokmesh_changes, '999999999 r 1 - tmss-1'"],
    ['unreadable', 'a message that nobody can read', "notify tokmesh_changes, 'x'"],
    ['backwards', 'a number that went backwards', 'update changes set seq = seq - 3'],
  ])('(%s) after %s, and gets over it on the same connection', async (doubt, _, statement) => {
    const one = await listener()
    await psql`update changes set seq = seq + 100`
    await until(() => one.doubts.length > 0)
    await until(() => isTrusted(one))
    one.clear()
    await psql.unsafe(statement)
    await until(() => one.doubts.length > 0)
    await until(() => isTrusted(one))
    expect(one.doubts).toEqual([doubt])
    // Once at the doubt, and once when it is over: what was read in between may be wrong.
    expect(one.forgotten()).toBe(2)
    await psql`update sessions set version = version + 1 where id = 'tmss-00000000000000000000000001'`
    await until(() => one.sessions.length === 1)
  })

  it('not its memory when its clock is wrong, and does when the clock jumps', async () => {
    let offset = -3_600_000
    const clock = { monotonic: () => performance.now(), wall: () => Date.now() + offset }
    const one = await listener({ clock })
    await psql`update sessions set revoked_at = revoked_at + 1 where id = 'tmss-00000000000000000000000001'`
    await until(() => one.revokeLags.length === 1)
    expect(one.revokeLags[0]).toBeLessThan(1)
    expect(Math.abs(one.subscription.databaseNow() - Date.now())).toBeLessThan(500)
    expect(one.doubts).toEqual([])
    offset = 0
    expect(isTrusted(one)).toBe(false)
    await until(() => isTrusted(one))
    expect(one.doubts).toEqual(['late'])
  })
})

it('a connection on which a statement takes too long is given up', async () => {
  const one = await listener()
  await expect(one.subscription.query('select pg_sleep(1)', [], 200)).rejects.toMatchObject({ code: 'TM-SYS-5030' })
  expect([one.doubts, isTrusted(one)]).toEqual([['connection'], false])
  await until(() => isTrusted(one))
  expect(await one.subscription.query('select $1::int as n', [7])).toEqual([{ n: 7 }])
})

it('a flood of messages by hand does not keep the node from asking', async () => {
  const one = await listener()
  await psql.unsafe(
    "select pg_notify('tokmesh_changes', 'x' || n), pg_notify('tokmesh_cluster', n::text) from generate_series(1, 5000) n",
  )
  await until(() => one.doubts.length > 0)
  await until(() => isTrusted(one))
  expect(one.doubts).toHaveLength(1)
})

it('a closed subscription is gone, and stays so', async () => {
  const one = await listener()
  const { subscription } = one
  const pending = subscription.reached(Number.MAX_SAFE_INTEGER, 60_000)
  await Promise.all([subscription.close(), subscription.close()])
  expect(await pending).toBe(false)
  expect([subscription.isLive(), isTrusted(one)]).toEqual([false, false])
  await expect(subscription.publish('kind')).rejects.toMatchObject({ code: 'TM-SYS-5030' })
  const open = () => psql`select 1 from pg_stat_activity where query ilike '%from changes%' and pid <> pg_backend_pid()`
  await until(async () => (await open()).length === 0, 5_000)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(await open()).toHaveLength(0)
})
