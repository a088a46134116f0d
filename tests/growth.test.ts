import { getRequestListener } from '@hono/node-server'
import { observe } from '@honoscope/core'
import { createMetrics, type Metrics, open } from '@honoscope/metrics'
import { runtime } from '@honoscope/testing'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { usedHeapBytes } from './support/heap.ts'
import { request, seriesOf, total } from './support/series.ts'

// Node: the light Response that a served app gets, too.
if (runtime === 'node') getRequestListener(() => new Response())

/** 9 bytes for each of 900,000 requests: whoever keeps one invented string of each keeps more than ten times that. */
const allowedGrowthBytes = 8 * 1024 ** 2

interface Shop {
  readonly app: Hono
  readonly metrics: Metrics
}

/** An app that puts what its clients send into labels, as a careless one does. */
function createShop(): Shop {
  const metrics = createMetrics({ prefix: 'shop_' })
  const searches = metrics.counter({
    name: 'searches_total',
    help: 'Searches.',
    labels: { term: open(50), kind: ['web', 'image'] },
  })
  const latency = metrics.histogram({ name: 'tenant_seconds', help: 'Time.', labels: { tenant: open(20) } })
  const app = new Hono()
  app.use(observe(metrics.http()))
  app.use('/private/*', async (c) => c.text('no', 401))
  app.get('/private/page', (c) => c.text('secret'))
  app.get('/items/:id', (c) => c.text(c.req.param('id')))
  app.post('/search', async (c) => {
    // Types forbid an invented kind; a client's text does not care.
    searches.inc({ term: await c.req.text(), kind: (c.req.header('x-kind') ?? '') as 'web' })
    return c.text('found', 201)
  })
  app.get('/tenant', (c) => {
    latency.observe({ tenant: c.req.header('x-tenant') ?? '' }, 0.01)
    return c.body(null, 204)
  })
  app.get('/fails/:how', (c) => {
    throw new Error(c.req.path)
  })
  app.onError((error, c) => c.text(error.message, 500))
  return { app, metrics }
}

/** Ten kinds of requests in turn, each with a word in it that no other has. */
function inventedRequest(n: number): Request {
  const word = `w${n.toString(36)}-invented`
  const headers = { 'x-kind': word, 'x-tenant': word, 'user-agent': word, authorization: word, host: word }
  switch (n % 10) {
    case 0:
      return new Request('http://service/search', { method: 'POST', headers, body: word })
    case 1:
      return request(`M${n}`, `/items/${word}`)
    case 2:
      return request('GET', '/tenant', headers)
    case 3:
      return request('GET', `/private/${word}`, { authorization: word })
    case 4:
      return request('GET', `/fails/${word}?${word}=${word}`)
    case 5:
      return request('OPTIONS', '/items/1', { origin: word, 'access-control-request-method': word })
    case 6:
      return request(`M${n}`, `/${word}/${word}`)
    case 7:
      return request('HEAD', `/items/${word}`)
    case 8:
      return request('GET', `/items/${word}?q=${word}`)
    default:
      return request('GET', `/${word}`)
  }
}

async function send({ app }: Shop, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) await app.fetch(inventedRequest(n))
}

describe('what clients invent', () => {
  it('a million times, in methods, paths, headers, bodies and label values, adds no series and no memory', async () => {
    const shop = createShop()
    await send(shop, 0, 100_000)
    const early = seriesOf(await shop.metrics.render())
    const earlyBytes = await usedHeapBytes()
    await send(shop, 100_000, 1_000_000)
    const text = await shop.metrics.render()
    const grownBytes = (await usedHeapBytes()) - earlyBytes

    expect(seriesOf(text)).toEqual(early)
    expect(early.length).toBeLessThan(1_000)
    expect(grownBytes).toBeLessThan(allowedGrowthBytes)
    // All of them were counted, each under what it was folded into.
    const requests = 'shop_http_requests_total'
    expect(total(text, requests)).toBe(1_000_000)
    expect(total(text, requests, { method: '_OTHER', route: 'unmatched' })).toBe(200_000)
    expect(total(text, requests, { method: 'GET', route: '/fails/:how', status_code: '500' })).toBe(100_000)
    expect(total(text, 'shop_searches_total', { term: 'other', kind: 'other' })).toBe(100_000 - 50)
    expect(total(text, 'shop_tenant_seconds_count', { tenant: 'other' })).toBe(100_000 - 20)
    expect(total(text, 'honoscope_label_overflow_total', { metric: 'shop_searches_total', label: 'term' })).toBe(99_950)
    shop.metrics.close()
  }, 400_000)

  it('would be seen if one string in ten were kept', async () => {
    const before = await usedHeapBytes()
    const kept = new Map<string, number[]>()
    for (let n = 0; n < 90_000; n++) kept.set(new URL(inventedRequest(n).url).pathname + n, [n])
    expect((await usedHeapBytes()) - before).toBeGreaterThan(allowedGrowthBytes)
    expect(kept.size).toBe(90_000)
  }, 60_000)
})
