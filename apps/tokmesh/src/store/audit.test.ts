import { createMetrics } from '@honoscope/metrics'
import { until } from '@honoscope/testing'
import { startTcpProxy } from '@honoscope/testing/tcp-proxy'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEntries } from '../audit/entry.ts'
import { startRetention } from '../audit/retention.ts'
import { createAuditWriter } from '../audit/writer.ts'
import type { AuditAction, AuditEntry, AuditStore } from '../domain/audit.ts'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import { createAuditStore } from './audit.ts'
import { openDatabase } from './database.ts'

const ada = 'tmak-01hv3q4k7d0000000000000000'
const bob = 'tmak-01hv3q4k7d0000000000000001'
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.each(databaseKinds)('the audit log on %s', (kind) => {
  let test: DatabaseUnderTest
  let store: AuditStore
  let now = 1_000
  const newEntry = createEntries({ clock: () => now })
  const entry = (at: number, more: Partial<Parameters<typeof newEntry>[0]> = {}): AuditEntry => {
    now = at
    return newEntry({ operatorId: ada, action: 'SESSION_CREATED', result: 'SUCCESS', ...more })
  }
  const ids = async (query: Partial<Parameters<AuditStore['query']>[0]> = {}) =>
    (await store.query({ page: 1, size: 100, ...query })).items.map(({ id }) => id)

  beforeAll(async () => {
    test = await openTestDatabase(kind)
    store = createAuditStore(test.database)
  })
  afterAll(() => test?.close())
  beforeEach(() => test.database.run((db) => db.execute(sql`truncate audit_log`)))

  it('gives back what it was given', async () => {
    const given = entry(5_000, {
      resource: 'user:Ünï "x" \\ 🦊',
      userAgent: "it's; drop table",
      details: { text: '', n: 1.5, list: ['a', null, { deep: true }], __proto__x: 1 },
      address: { client: '2001:db8::1', peer: '192.0.2.1' },
      result: 'FAILURE',
    })
    await store.append([given])
    expect(await store.query({ page: 1, size: 20 })).toEqual({ items: [given], total: 1 })
    await store.append([])
  })

  it('keeps an entry once, however often it is written', async () => {
    const entries = [entry(1), entry(2), entry(3)]
    await store.append(entries.slice(0, 2))
    await store.append(entries)
    await store.append(entries)
    expect(await ids()).toEqual(entries.map(({ id }) => id).reverse())
  })

  it('pages, newest first, ties by id, with the exact total', async () => {
    const entries = [entry(10), entry(30), entry(20), entry(30), entry(30), entry(40), entry(15)]
    await store.append(entries)
    const [a, b, c, d, e, f, g] = entries.map(({ id }) => id)
    const order = [f, e, d, b, c, g, a]
    expect(await ids()).toEqual(order)
    for (let page = 1; page <= 4; page++) {
      const { items, total } = await store.query({ page, size: 3 })
      expect(items.map(({ id }) => id)).toEqual(order.slice((page - 1) * 3, page * 3))
      expect(total).toBe(7)
    }
    const far = await store.query({ page: Math.floor(Number.MAX_SAFE_INTEGER / 100), size: 100 })
    expect(far).toEqual({ items: [], total: 7 })
  })

  it('filters by time, key and action, each and together', async () => {
    const actions: readonly AuditAction[] = ['SESSION_CREATED', 'KEY_CREATED', 'AUTH_FAILED']
    const entries = Array.from({ length: 60 }, (_, n) =>
      entry(1_000 + n, { operatorId: n % 2 ? ada : bob, action: actions[n % 3] ?? 'GC_TRIGGERED' }),
    )
    await store.append(entries)
    for (const from of [undefined, 1_000, 1_025, 2_000]) {
      for (const until of [undefined, 1_025, 1_060]) {
        for (const operatorId of [undefined, ada, 'system']) {
          for (const action of [undefined, ...actions]) {
            const expected = entries.filter(
              (one) =>
                one.timestamp >= (from ?? 0) &&
                one.timestamp < (until ?? Infinity) &&
                one.operatorId === (operatorId ?? one.operatorId) &&
                one.action === (action ?? one.action),
            )
            const { items, total } = await store.query({ from, until, operatorId, action, page: 1, size: 100 })
            expect(items.map(({ id }) => id)).toEqual(expected.map(({ id }) => id).reverse())
            expect(total).toBe(expected.length)
          }
        }
      }
    }
  })

  it('removes the oldest, so many at a time', async () => {
    await store.append(Array.from({ length: 25 }, (_, n) => entry(100 + n)))
    expect(await store.removeBefore(120, 15)).toBe(15)
    expect((await store.query({ page: 2, size: 5 })).items.map(({ timestamp }) => timestamp)).toEqual([
      119, 118, 117, 116, 115,
    ])
    expect(await store.removeBefore(120, 15)).toBe(5)
    expect(await store.removeBefore(120, 15)).toBe(0)
    expect((await store.query({ page: 1, size: 5 })).total).toBe(5)
  })

  it('retention keeps what is young enough, at the start and hour after hour', async () => {
    const day = 24 * 3_600_000
    let clock = 1_000 * day
    const at = (days: number) => Array.from({ length: 30 }, () => entry(clock - days * day))
    await store.append([...at(91), ...at(90.001), ...at(90), ...at(89), ...at(0)])
    const errors: unknown[] = []
    const retention = startRetention({
      ...{ store, retentionMs: 90 * day, intervalMs: 50, batchSize: 7, pauseMs: 1, clock: () => clock },
      onError: (error) => errors.push(error),
    })
    const settled = async (count: number) => {
      for (let i = 0; i < 200 && (await store.query({ page: 1, size: 1 })).total !== count; i++) await pause(10)
      expect((await store.query({ page: 1, size: 1 })).total).toBe(count)
    }
    await settled(90)
    clock += day
    await settled(60)
    await retention.stop()
    clock += 100 * day
    await pause(120)
    await settled(60)
    expect(errors).toEqual([])
  })

  it('retention is done by the leader alone', async () => {
    await store.append([entry(1), entry(2)])
    let isLeader = false
    const options = { store, retentionMs: 1_000, intervalMs: 20, isLeader: () => isLeader }
    const retention = startRetention(options)
    await pause(100)
    expect((await store.query({ page: 1, size: 1 })).total).toBe(2)
    isLeader = true
    await until(async () => (await store.query({ page: 1, size: 1 })).total === 0)
    await retention.stop()
  })

  it('tells entries that it can never take from a database that is away', async () => {
    const bad = { ...entry(1), resource: 'a\0b' }
    const refusal = await store.append([entry(2), bad]).catch((error) => error)
    expect(store.isRefusal(refusal)).toBe(true)
    expect(JSON.stringify(refusal)).not.toContain('a\\u0000b')
    const closed = await openDatabase({ dataDir: 'memory://', url: test.url })
    await closed.close()
    const away = await createAuditStore(closed)
      .append([entry(3)])
      .catch((error) => error)
    expect(away.code).toBe('TM-SYS-5030')
    expect(store.isRefusal(away)).toBe(false)
    expect(await ids()).toEqual([])
  })

  it('one poisoned entry is left out of a batch, and the rest is kept', async () => {
    const lines: string[] = []
    const writer = createAuditWriter({
      ...{ store, metrics: createMetrics({ runtime: false }), delayMs: 10 },
      log: (level, _logger, message, fields) => lines.push(`${level} ${message} ${JSON.stringify(fields)}`),
    })
    const entries = Array.from({ length: 150 }, (_, n) => entry(n))
    for (const [n, one] of entries.entries()) writer.add(n === 77 ? { ...one, resource: '\0' } : one)
    await writer.close()
    expect((await store.query({ page: 1, size: 1 })).total).toBe(149)
    expect(lines.filter((line) => line.includes('"refused":1'))).toHaveLength(1)
  })
})

describe('the audit log behind a network that is cut', () => {
  it('gets every entry once, in order, when it is back', async () => {
    const test = await openTestDatabase('postgres')
    const url = new URL(test.url ?? '')
    const proxy = await startTcpProxy(Number(url.port))
    url.port = String(proxy.port)
    const behind = await openDatabase({ dataDir: 'memory://', url: url.href, timeoutMs: 400 })
    const newEntry = createEntries()
    const lines: string[] = []
    const writer = createAuditWriter({
      ...{ store: createAuditStore(behind), metrics: createMetrics({ runtime: false }), delayMs: 10, batchSize: 50 },
      log: (level, _logger, message) => lines.push(`${level} ${message}`),
    })
    try {
      const added: string[] = []
      const took: number[] = []
      for (let n = 0; n < 1000; n++) {
        if (n === 200) proxy.freeze()
        const one = newEntry({
          operatorId: ada,
          action: 'SESSION_CREATED',
          result: 'SUCCESS',
          resource: `session:${n}`,
        })
        const startedAt = performance.now()
        writer.add(one)
        took.push(performance.now() - startedAt)
        added.push(one.id)
        if (n % 20 === 0) await pause(10)
      }
      await pause(1500)
      expect(lines).toEqual(['error audit entries cannot be written; they wait'])
      proxy.thaw()
      await writer.close()
      expect(lines.at(-1)).toBe('info audit entries are written again')
      const rows = await test.database.run((db) =>
        db.select({ id: sql<string>`id` }).from(sql`audit_log`).orderBy(sql`timestamp, id`),
      )
      expect(rows.map(({ id }) => id)).toEqual(added)
      // The median: what else the machine does is in the slowest. To wait for the database takes 400 ms.
      expect(took.sort((a, b) => a - b)[500]).toBeLessThan(50)
    } finally {
      await behind.close()
      await proxy.stop()
      await test.close()
    }
  }, 20_000)
})
