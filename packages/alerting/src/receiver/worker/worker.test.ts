import { setTimeout as pause } from 'node:timers/promises'
import { fakeCatalogue, until } from '@honoscope/testing'
import { describe, expect, it } from 'vitest'
import { alertWebhook } from '../alert-webhook.ts'
import { type Notifier, PermanentError, RetryAfterError } from '../notifier.ts'
import type { SendingOptions } from '../options.ts'
import { memoryStore } from '../store/memory.ts'
import { deliver, token, wireAlert } from '../testing/payload.ts'
import { type Sink, sink } from '../testing/sink.ts'
import { systemTime } from '../time.ts'

const quick: SendingOptions = { minRetryMs: 1, maxRetryMs: 20, pollMs: 5, timeoutMs: 100, drainMs: 200 }
const many = (count: number) => Array.from({ length: count }, (_, index) => wireAlert(`f${index}`))

function start<Name extends string>(notifiers: Record<Name, Notifier>, sending: SendingOptions = {}) {
  const [store, metrics] = [memoryStore(), fakeCatalogue()]
  const names = Object.keys(notifiers) as NoInfer<Name>[]
  const options = { sending: { ...quick, ...sending }, store, metrics }
  return {
    store,
    metrics,
    receiver: alertWebhook({ auth: token, notifiers, routes: [{ notifiers: names }], ...options }),
  }
}

describe('the worker', () => {
  const failures: readonly [name: string, fail: () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects with nothing', () => Promise.reject(undefined)],
    ['rejects with an object without a prototype', () => Promise.reject(Object.create(null))],
    ['asks to come again, and does not know when', () => Promise.reject(new RetryAfterError('busy', Number.NaN))],
    ['never settles', () => new Promise(() => {})],
  ]
  for (const [name, fail] of failures) {
    it(`tries again when a notifier ${name}, with the same id`, async () => {
      const ids: string[] = []
      const pager = sink(({ id }) => {
        ids.push(id)
        return ids.length < 3 ? fail() : undefined
      })
      const other = sink()
      const { receiver, metrics, store } = start({ pager, other })
      expect((await deliver(receiver, [wireAlert('a')])).status).toBe(200)
      await until(() => pager.told.length === 1)
      expect(other.told).toEqual(['a firing'])
      expect(new Set(ids).size).toBe(1)
      await until(async () => (await store.backlog()).waiting === 0)
      expect(await metrics.value('alert_notifications_total', 'pager/retry')).toBe(2)
      expect(await metrics.value('alert_notifications_total', 'pager/sent')).toBe(1)
      await receiver.close()
    })
  }

  it('aborts an attempt that takes too long, and tells which it is', async () => {
    const seen: (readonly [number, boolean])[] = []
    const pager = sink((_message, { number, signal }) => {
      if (number > 1) return undefined
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          seen.push([number, signal.aborted])
          reject(signal.reason)
        })
      })
    })
    const { receiver } = start({ pager })
    await deliver(receiver, [wireAlert('a')])
    await until(() => pager.told.length === 1)
    expect(seen).toEqual([[1, true]])
    await receiver.close()
  })

  it('gives up at once what is refused, and what is too old after one more attempt', async () => {
    const refusing = sink(() => Promise.reject(new PermanentError('no')))
    const down = sink(() => Promise.reject(new Error('no')))
    const { receiver, store } = start({ refusing, down }, { maxAgeMs: 60 })
    await deliver(receiver, [wireAlert('a')])
    await until(async () => (await store.deadLetters(9)).length === 2)
    expect(refusing.calls).toBe(1)
    expect(down.calls).toBeGreaterThan(1)
    await receiver.close()
  })

  it('waits as long as it is asked to', async () => {
    const times: number[] = []
    const pager = sink(() => {
      times.push(performance.now())
      return times.length === 1 ? Promise.reject(new RetryAfterError('busy', 150)) : undefined
    })
    const { receiver } = start({ pager })
    await deliver(receiver, [wireAlert('a')])
    await until(() => times.length === 2)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(145)
    await receiver.close()
  })

  it('waits an hour at most, and whole milliseconds', async () => {
    const faults: number[] = []
    const pager = sink(() => Promise.reject(new RetryAfterError('busy', faults.push(1) === 1 ? 0.3 : 1e15)))
    const { receiver, store } = start({ pager })
    const dueAt: number[] = []
    const settle = store.settle
    store.settle = (claimed, settlement, nowMs) => {
      if (settlement.kind === 'retry') dueAt.push(settlement.atMs)
      return settle(claimed, settlement, nowMs)
    }
    await deliver(receiver, [wireAlert('a')])
    await until(() => dueAt.length === 2)
    expect(dueAt.every(Number.isInteger)).toBe(true)
    expect((dueAt[1] ?? 0) - Date.now()).toBeLessThanOrEqual(3_600_000)
    await receiver.close()
  })

  it('asks a notifier again after an hour that asked for a thousand years', async () => {
    let aheadMs = 0
    const pager: Sink = sink(() => (pager.calls === 1 ? Promise.reject(new RetryAfterError('busy', 1e15)) : undefined))
    const receiver = alertWebhook({
      ...{ auth: token, notifiers: { pager }, routes: [{ notifiers: ['pager'] }], sending: quick },
      time: { ...systemTime, now: () => Date.now() + aheadMs },
    })
    await deliver(receiver, [wireAlert('a')])
    await until(() => pager.calls === 1)
    aheadMs = 3_600_000
    await until(() => pager.told.length === 1)
    await receiver.close()
  })

  it('tries one message at a time while a notifier is down, and several when it is up', async () => {
    let [up, now, most, calls] = [false, 0, 0, 0]
    const pager = sink(async () => {
      calls++
      now++
      most = Math.max(most, now)
      await pause(5)
      now--
      if (!up) throw new Error('down')
    })
    const { receiver, store } = start({ pager }, { alertsPerMessage: 1, concurrency: 4, maxRetryMs: 40 })
    await deliver(receiver, many(60))
    await until(() => calls > 8)
    most = 0
    const before = calls
    await pause(200)
    expect([most, calls - before < 60]).toEqual([1, true])
    up = true
    await until(async () => (await store.backlog()).waiting === 0)
    expect([most, pager.told.length]).toEqual([4, 60])
    await receiver.close()
  })

  it('is not held up by a notifier that hangs, and ends in time', async () => {
    const [hanging, other] = [sink(() => new Promise(() => {})), sink()]
    const long = { timeoutMs: 60_000, minRetryMs: 60_000, maxRetryMs: 60_000 }
    const { receiver, store } = start({ hanging, other }, long)
    for (const one of many(5)) await deliver(receiver, [one])
    await until(() => other.told.length === 5)
    const startedAt = performance.now()
    await Promise.all([receiver.close(), receiver.close()])
    expect(performance.now() - startedAt).toBeLessThan(3_000)
    // They wait for whoever comes next, at once.
    expect((await store.claim('hanging', Date.now(), 1_000, 9)).length).toBe(5)
  })

  it('tells the same message in attempts of two processes never at once', async () => {
    const store = memoryStore()
    const under = new Set<string>()
    let twice = false
    const pager = sink(async ({ id }) => {
      twice ||= under.has(id)
      under.add(id)
      await pause(3)
      under.delete(id)
    })
    const options = { auth: token, notifiers: { pager }, routes: [{ notifiers: ['pager' as const] }], store }
    const two = [1, 2].map(() => alertWebhook({ ...options, sending: { ...quick, alertsPerMessage: 1 } }))
    if (two[0]) await deliver(two[0], many(50))
    await until(() => pager.told.length === 50)
    expect([twice, new Set(pager.told).size]).toEqual([false, 50])
    await Promise.all(two.map((receiver) => receiver.close()))
  })
})
