import { observe } from '@honoscope/core'
import { serve } from '@honoscope/testing'
import { type OtlpReceiver, startOtlpReceiver } from '@honoscope/testing/otlp-receiver'
import { Hono } from 'hono'
import { afterEach, expect, it } from 'vitest'
import { createTracing, type Tracing, type TracingOptions } from './index.ts'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const unsampled = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' }
const sampled = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }

/** A served app of three routes, with a collector that it exports to. */
async function shop(options: TracingOptions): Promise<{ url: string; to: OtlpReceiver; tracing: Tracing }> {
  const to = await startOtlpReceiver()
  const tracing = await createTracing({ env: {}, otlp: { endpoint: to.endpoint }, ...options })
  const app = new Hono()
  app.use(observe(tracing.http()))
  app.get('/good/:id', async (c) => c.json(await tracing.span('load', {}, async () => ({ id: 7 }))))
  app.get('/bad', async () => {
    await tracing.span('load', {}, async () => undefined)
    throw new Error('no')
  })
  app.get('/slow', async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 120))
    return c.text('at last')
  })
  app.onError((_, c) => c.text('sorry', 500))
  const { url, stop } = await serve(app.fetch)
  cleanups.push(
    () => to.stop(),
    () => tracing.shutdown(500),
    () => stop(),
  )
  return { url, to, tracing }
}

const get = async (url: string, headers: Record<string, string> = {}): Promise<string> =>
  (await fetch(url, { headers })).text()

it('one request is one trace, from the caller’s span to the innermost, at the collector', async () => {
  const { url, to, tracing } = await shop({ serviceName: 'shop' })
  await get(`${url}/good/7?token=secret`, sampled)
  expect(await tracing.flush()).toBe(true)
  expect(to.faults).toEqual([])
  const server = to.spans.find(({ kind }) => kind === 'server')
  const inner = to.spans.find(({ name }) => name === 'load')
  expect(server).toMatchObject({ name: 'GET /good/:id', parentSpanId: 'b7ad6b7169203331', flags: 0x301 })
  expect(inner).toMatchObject({ parentSpanId: server?.spanId, flags: 0x101 })
  expect(new Set(to.spans.map(({ traceId }) => traceId))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']))
  expect(server?.resource['service.name']).toBe('shop')
  expect(JSON.stringify(to.spans.map(({ attributes }) => attributes))).not.toContain('secret')
})

it('keeps the unsampled requests that failed or were slow, with their spans, and no others', async () => {
  const { url, to, tracing } = await shop({ samplingRatio: 0, keep: { slowerThanMs: 100 } })
  await Promise.all([get(`${url}/good/7`), get(`${url}/bad`, unsampled), get(`${url}/slow`), get(`${url}/good/8`)])
  expect(await tracing.flush()).toBe(true)
  expect(to.spans.map(({ name }) => name).sort()).toEqual(['GET /bad', 'GET /slow', 'load'])
  const [bad, load] = ['GET /bad', 'load'].map((name) => to.spans.find((span) => span.name === name))
  expect(bad).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', flags: 0x300 })
  expect(load).toMatchObject({ parentSpanId: bad?.spanId, traceId: bad?.traceId })
})

it('samples by route, and a probe never', async () => {
  const samplingRules = [
    { route: '/good/:id', sample: 'never' },
    { route: '/slow', sample: 'always' },
  ] as const
  const { url, to, tracing } = await shop({ samplingRatio: 0, samplingRules })
  await get(`${url}/good/7`, sampled)
  await get(`${url}/bad`)
  await get(`${url}/slow`, unsampled)
  expect(await tracing.flush()).toBe(true)
  expect(to.spans.map(({ name }) => name)).toEqual(['GET /slow'])
})

for (const mode of ['refuse', 'hang', { status: 429, retryAfter: 30 }, { status: 503 }] as const) {
  it(`answers as ever while the collector is broken: ${JSON.stringify(mode)}`, async () => {
    const { url, to, tracing } = await shop({
      batch: { maxQueueSize: 100, maxExportBatchSize: 10, scheduleDelayMs: 0 },
    })
    await to.mode(mode)
    const slowest = { ms: 0 }
    for (let i = 0; i < 200; i++) {
      const startedAt = performance.now()
      expect(await get(`${url}/good/${i}`)).toBe('{"id":7}')
      slowest.ms = Math.max(slowest.ms, performance.now() - startedAt)
    }
    // An attempt takes up to ten seconds, and a pause one at least: a request that waited for either would show.
    expect(slowest.ms).toBeLessThan(900)
    expect(await tracing.shutdown(100)).toBe(false)
  })
}
