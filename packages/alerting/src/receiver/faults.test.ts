import type { Catalogue } from '@honoscope/core'
import { fakeCatalogue, until } from '@honoscope/testing'
import type { Tracer } from '@opentelemetry/api'
import { describe, expect, it } from 'vitest'
import { alertWebhook } from './alert-webhook.ts'
import type { ReceiverFault } from './guard.ts'
import { memoryStore } from './store/memory.ts'
import { deliver, token, wireAlert } from './testing/payload.ts'
import { sink } from './testing/sink.ts'

const boom = (): never => {
  throw new Error('telemetry is broken')
}
const broken = { inc: boom, set: boom, observe: boom, series: boom, dec: boom, reset: boom }
const metrics: Catalogue = { counter: () => broken, gauge: () => broken, histogram: () => broken }

const tracers: readonly [name: string, tracer: object][] = [
  ['that throws', { startActiveSpan: boom, startSpan: boom }],
  ['that calls nothing', { startActiveSpan: () => undefined }],
  [
    'that throws after it has called',
    { startActiveSpan: (_n: string, _o: object, fn: (s: object) => unknown) => [fn({}), boom()] },
  ],
  [
    'whose spans throw',
    {
      startActiveSpan: (_name: string, _options: object, fn: (span: object) => unknown) =>
        fn({ spanContext: boom, setAttribute: boom, setStatus: boom, end: boom }),
    },
  ],
]

describe('telemetry that fails', () => {
  for (const [name, tracer] of tracers) {
    it(`changes no answer and no message: metrics that throw and a tracer ${name}`, async () => {
      const faults: ReceiverFault[] = []
      const pager = sink()
      const receiver = alertWebhook({
        ...{ auth: token, notifiers: { pager }, routes: [{ notifiers: ['pager'] }], metrics },
        tracer: tracer as Tracer,
        onFault(fault) {
          faults.push(fault)
          throw new Error('nobody listens')
        },
      })
      expect(await (await deliver(receiver, [wireAlert('a')])).json()).toEqual({ new: 1, duplicate: 0, stale: 0 })
      expect(await (await deliver(receiver, [wireAlert('a')])).json()).toEqual({ new: 0, duplicate: 1, stale: 0 })
      await until(() => pager.told.length === 1)
      await receiver.close()
      expect(pager.told).toEqual(['a firing'])
      expect(faults.map(({ hook }) => hook)).toContain('metrics')
    })
  }
})

it('a store that fails in everything but deliveries is asked again, and what waits is told', async () => {
  const store = memoryStore()
  const metrics = fakeCatalogue()
  let down = true
  const rejects = <T>(ask: () => Promise<T>): Promise<T> => (down ? Promise.reject(new Error('down')) : ask())
  const pager = sink()
  const receiver = alertWebhook({
    ...{ auth: token, notifiers: { pager }, routes: [{ notifiers: ['pager'] }], metrics, sending: { pollMs: 5 } },
    store: {
      ...store,
      claim: (...args) => rejects(() => store.claim(...args)),
      claimRemediation: (...args) => rejects(() => store.claimRemediation(...args)),
      expire: (...args) => rejects(() => store.expire(...args)),
      backlog: () => rejects(() => store.backlog()),
    },
  })
  expect((await deliver(receiver, [wireAlert('a')])).status).toBe(200)
  const status = () => receiver.request('/status', { headers: { authorization: `Bearer ${token}` } })
  expect((await status()).status).toBe(503)
  await expect(metrics.value('alert_notifications_waiting')).rejects.toThrow('down')
  down = false
  await until(() => pager.told.length === 1)
  await until(async () => (await metrics.value('alert_notifications_waiting')) === 0)
  expect(await metrics.value('alert_oldest_waiting_seconds')).toBe(0)
  await receiver.close()
})

it('a settlement that the store refuses at first is written down later, and the message not sent again', async () => {
  const store = memoryStore()
  let refusals = 2
  const pager = sink()
  const receiver = alertWebhook({
    ...{ auth: token, notifiers: { pager }, routes: [{ notifiers: ['pager'] }], sending: { pollMs: 5 } },
    store: {
      ...store,
      settle: (...args) => (refusals-- > 0 ? Promise.reject(new Error('down')) : store.settle(...args)),
    },
  })
  await deliver(receiver, [wireAlert('a')])
  await until(async () => (await store.backlog()).waiting === 0)
  expect(pager.calls).toBe(1)
  await receiver.close()
})
