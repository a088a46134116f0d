import { createMetrics } from '@honoscope/metrics'
import { until } from '@honoscope/testing'
import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../domain/audit.ts'
import { createLog } from '../log.ts'
import { createEntries } from './entry.ts'
import { type AuditWriterOptions, createAuditWriter } from './writer.ts'

const newEntry = createEntries()
const entry = (n: number, action: AuditEntry['action'] = 'SESSION_CREATED') =>
  newEntry({ operatorId: 'tmak-01hv3q4k7d0000000000000000', action, result: 'SUCCESS', resource: `session:${n}` })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A store that fails as told. */
function fakeStore() {
  const kept: AuditEntry[] = []
  const batches: number[] = []
  let attempts = 0
  let takesMs = 1
  let fail: (batch: readonly AuditEntry[]) => Error | undefined = () => undefined
  return {
    kept,
    batches,
    get attempts() {
      return attempts
    },
    failWith(next: typeof fail) {
      fail = next
    },
    hang(ms: number) {
      takesMs = ms
    },
    async append(batch: readonly AuditEntry[]) {
      attempts += 1
      await pause(takesMs)
      const error = fail(batch)
      if (error) throw error
      batches.push(batch.length)
      kept.push(...batch)
    },
    isRefusal: (error: unknown) => error instanceof RangeError,
  }
}

function start(options: Partial<AuditWriterOptions> = {}) {
  const store = fakeStore()
  const lines: string[] = []
  const metrics = createMetrics({ runtime: false })
  const log = createLog({ write: (line) => lines.push(line) })
  const writer = createAuditWriter({ store, log, metrics, delayMs: 20, maxBackoffMs: 50, ...options })
  const count = async (result: string) => {
    const text = await metrics.render()
    return Number(new RegExp(`^honoscope_audit_entries_total\\{result="${result}"\\} (\\d+)$`, 'm').exec(text)?.[1])
  }
  return { store, lines, writer, count, metrics }
}

describe('the audit writer', () => {
  it('writes what comes together in one batch, and full batches at once', async () => {
    const { store, writer } = start({ delayMs: 50, batchSize: 10 })
    for (let n = 0; n < 4; n++) writer.add(entry(n))
    expect(store.attempts).toBe(0)
    await until(() => store.kept.length === 4)
    expect(store.batches).toEqual([4])
    for (let n = 4; n < 39; n++) writer.add(entry(n))
    await until(() => store.kept.length === 39)
    expect(store.batches).toEqual([4, 10, 10, 10, 5])
    expect(store.kept.map(({ resource }) => resource)).toEqual(Array.from({ length: 39 }, (_, n) => `session:${n}`))
    await writer.close()
  })

  it('goes on after it has been idle', async () => {
    const { store, writer } = start()
    for (let n = 0; n < 5; n++) {
      writer.add(entry(n))
      await until(() => store.kept.length === n + 1)
    }
    await writer.close()
  })

  it('holds the entries while the store fails, in order, and says so once', async () => {
    const { store, writer, lines, count } = start()
    store.failWith(() => new Error('away'))
    for (let n = 0; n < 300; n++) {
      writer.add(entry(n))
      if (n % 100 === 0) await pause(60)
    }
    await until(() => store.attempts > 5)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('audit entries cannot be written')
    store.failWith(() => undefined)
    await until(() => store.kept.length === 300)
    expect(store.kept.map(({ resource }) => resource)).toEqual(Array.from({ length: 300 }, (_, n) => `session:${n}`))
    expect(lines.at(-1)).toContain('written again')
    expect(await count('written')).toBe(300)
    expect(await count('dropped')).toBe(0)
    await writer.close()
  })

  it('loses an entry that the database refuses, and no other', async () => {
    const { store, writer, lines, count } = start({ batchSize: 16 })
    store.failWith((batch) => (batch.some((one) => one.resource === 'session:11') ? new RangeError('no') : undefined))
    for (let n = 0; n < 40; n++) writer.add(entry(n))
    await until(() => store.kept.length === 39)
    expect(store.kept.some(({ resource }) => resource === 'session:11')).toBe(false)
    await writer.close()
    expect(await count('refused')).toBe(1)
    expect(lines.filter((line) => line.includes('"refused":1'))).toHaveLength(1)
  })

  it('keeps no more than it has room for, and logs in one line what it could not keep', async () => {
    const { store, writer, lines, count, metrics } = start({ queue: { maxEntries: 100 } })
    store.failWith(() => new Error('away'))
    for (let n = 0; n < 150; n++) writer.add(entry(n))
    expect(await metrics.render()).toContain('honoscope_audit_queue_entries 100')
    await until(() => lines.some((line) => line.includes('"dropped":50')))
    store.failWith(() => undefined)
    await until(() => store.kept.length === 100)
    expect(await count('dropped')).toBe(50)
    await writer.close()
  })

  it('keeps within its bytes too', async () => {
    const { store, writer, count } = start({ queue: { maxBytes: 100_000 } })
    store.failWith(() => new Error('away'))
    const large = { ...entry(1), details: { description: 'x'.repeat(10_000) } }
    for (let n = 0; n < 50; n++) writer.add(large)
    expect(await count('dropped')).toBe(46)
    await writer.close(0)
  })

  it('lets failed logins push out nothing else', async () => {
    const { store, writer, count } = start({ queue: { maxEntries: 100 } })
    store.failWith(() => new Error('away'))
    for (let n = 0; n < 1000; n++) writer.add(entry(n, 'AUTH_FAILED'))
    for (let n = 0; n < 75; n++) writer.add(entry(n))
    expect(await count('dropped')).toBe(975)
    store.failWith(() => undefined)
    await until(() => store.kept.length === 100)
    expect(store.kept.filter(({ action }) => action === 'SESSION_CREATED')).toHaveLength(75)
    await writer.close()
  })

  it('writes failed logins that are alike as one entry, and leaves out those above a rate', async () => {
    const { store, writer, count } = start({ failures: { burst: 10, monotonic: () => 0 } })
    for (let n = 0; n < 5; n++) for (let again = 0; again < 100; again++) writer.add(entry(n, 'AUTH_FAILED'))
    await until(() => store.kept.length === 5)
    await writer.close()
    expect(store.kept.map(({ details }) => details.count)).toEqual([...Array(5), 99, 99, 99, 99, 99])
    expect(await count('dropped')).toBe(0)

    const second = start({ failures: { burst: 10, monotonic: () => 0 } })
    for (let n = 0; n < 25; n++) second.writer.add(entry(n, 'AUTH_FAILED'))
    await until(() => second.store.kept.length === 10)
    expect(await second.count('dropped')).toBe(15)
    await second.writer.close()
  })

  it('writes at the close what waits, at once, and drops what comes later', async () => {
    const { store, writer, count } = start({ delayMs: 60_000, batchSize: 100 })
    for (let n = 0; n < 90; n++) writer.add(entry(n))
    const startedAt = performance.now()
    await writer.close()
    expect(performance.now() - startedAt).toBeLessThan(1000)
    expect(store.kept).toHaveLength(90)
    writer.add(entry(91))
    expect(await count('dropped')).toBe(1)
  })

  it('tries on at the close until its time is over, and logs what is lost then', async () => {
    const { store, writer, lines, count } = start()
    store.failWith(() => new Error('away'))
    for (let n = 0; n < 7; n++) writer.add(entry(n))
    setTimeout(() => store.failWith(() => undefined), 200)
    await writer.close(2000)
    expect(store.kept).toHaveLength(7)

    const second = start()
    second.store.failWith(() => new Error('away'))
    for (let n = 0; n < 7; n++) second.writer.add(entry(n))
    const startedAt = performance.now()
    await second.writer.close(300)
    expect(performance.now() - startedAt).toBeGreaterThan(250)
    expect(second.lines.at(-1)).toContain('"dropped":7')
    expect(await second.count('dropped')).toBe(7)
    const { attempts } = second.store
    await pause(200)
    expect(second.store.attempts).toBe(attempts)
    expect(lines.some((line) => line.includes('lost'))).toBe(false)
    expect(await count('dropped')).toBe(0)
  })

  it('tells what is in a statement that has not ended from what is lost', async () => {
    const { store, writer, lines, count } = start({ batchSize: 5 })
    store.hang(400)
    for (let n = 0; n < 12; n++) writer.add(entry(n))
    await until(() => store.attempts === 1)
    await writer.close(100)
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      ...{ message: 'audit entries are lost: the time to write them was over', dropped: 7, unconfirmed: 5 },
    })
    expect([await count('dropped'), await count('unconfirmed')]).toEqual([7, 5])
    await until(() => store.kept.length === 5)
    await pause(50)
    expect(store.attempts).toBe(1)
    expect(await count('written')).toBe(0)

    const second = start()
    second.store.hang(300)
    second.writer.add(entry(1))
    await until(() => second.store.attempts === 1)
    await second.writer.close(100)
    expect(JSON.parse(second.lines.at(-1) ?? '')).toMatchObject({
      ...{ message: 'audit entries may be lost: the time to write them was over', dropped: 0, unconfirmed: 1 },
    })
  })

  it('never throws, whatever it is given', async () => {
    const { store, writer, count } = start()
    const loop: Record<string, unknown> = {}
    loop.self = loop
    writer.add({ ...entry(1), details: loop })
    writer.add({ ...entry(1), details: { n: 1n } })
    writer.add(entry(2))
    await writer.close()
    expect(store.kept).toHaveLength(1)
    expect(await count('dropped')).toBe(2)
  })
})
