import { expositionFaults, samplesOf, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { createMetrics, type Metrics, open, openMetricsContentType, textContentType } from './index.ts'

function appOf(metrics: Metrics): Hono {
  return new Hono().get('/metrics', metrics.handler)
}

const create = (): Metrics => createMetrics({ runtime: false })

async function contentType(headers: Record<string, string>): Promise<string | null> {
  const response = await appOf(create()).request('/metrics', { headers })
  await response.text()
  return response.headers.get('Content-Type')
}

describe('negotiation', () => {
  // What Prometheus sends: version 2.42, then version 3 without and with native histograms.
  const prometheus2 =
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
  const prometheus3 =
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'
  const protobuf = `application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,${prometheus3}`
  const cases: readonly (readonly [string, 'open' | 'text'])[] = [
    [prometheus2, 'open'],
    [prometheus3, 'open'],
    [protobuf, 'open'],
    ['application/openmetrics-text', 'open'],
    ['Application/OpenMetrics-Text; Version="1.0.0"', 'open'],
    ['text/plain;q=0.5, application/openmetrics-text;q=0.9', 'open'],
    ['application/openmetrics-text;q=0.5, text/plain;q=0.9', 'text'],
    ['application/openmetrics-text, text/plain', 'open'],
    ['text/plain, application/openmetrics-text', 'text'],
    ['application/openmetrics-text;version=1.0.0;q=0', 'text'],
    ['application/openmetrics-text;q=nonsense', 'text'],
    ['application/openmetrics-text;version=0.0.1', 'text'],
    ['text/plain;version=0.0.4', 'text'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
    ['*/*', 'text'],
    ['application/json', 'text'],
    [';;,=,', 'text'],
    ['', 'text'],
  ]
  for (const [accept, format] of cases) {
    it(`answers "${accept.slice(0, 60)}" with ${format === 'open' ? 'OpenMetrics' : 'classic text'}`, async () => {
      expect(await contentType({ Accept: accept })).toBe(format === 'open' ? openMetricsContentType : textContentType)
    })
  }

  it('writes the format that the header says, and lets no scrape change the next', async () => {
    const metrics = create()
    metrics.counter({ name: 'calls_total', help: 'Calls.' }).inc()
    const app = appOf(metrics)
    for (let i = 0; i < 3; i++) {
      const classic = await (await app.request('/metrics')).text()
      expect(classic).toContain('# TYPE calls_total counter\ncalls_total 1\n')
      expect(classic).not.toContain('# EOF')
      const headers = { Accept: 'application/openmetrics-text' }
      const openMetrics = await (await app.request('/metrics', { headers })).text()
      expect(openMetrics).toContain('# TYPE calls counter\ncalls_total 1\n')
      expect(openMetrics.endsWith('\n# EOF\n')).toBe(true)
    }
  })
})

describe('over real HTTP', () => {
  it('compresses when asked, varies by what was asked, and answers HEAD without a body', async () => {
    const metrics = create()
    metrics.counter({ name: 'calls_total', help: 'Calls.' }).inc()
    const server = await serve(appOf(metrics).fetch)
    try {
      const get = (encoding: string, method = 'GET'): Promise<Response> =>
        fetch(`${server.url}/metrics`, { method, headers: { 'Accept-Encoding': encoding } })
      const zipped = await get('gzip')
      expect(zipped.headers.get('Content-Encoding')).toBe('gzip')
      expect(zipped.headers.get('Vary')).toBe('Accept, Accept-Encoding')
      expect(await zipped.text()).toContain('calls_total 1\n')
      for (const encoding of ['identity', 'gzip;q=0', 'br', 'gzip;q=0, *']) {
        const plain = await get(encoding)
        expect(plain.headers.get('Content-Encoding')).toBe(null)
        expect(await plain.text()).toContain('calls_total 1\n')
      }
      const head = await get('identity', 'HEAD')
      expect(head.status).toBe(200)
      expect(head.headers.get('Content-Type')).toBe(textContentType)
      expect(await head.text()).toBe('')
    } finally {
      await server.stop()
    }
  })

  it('stops writing when the scraper goes away', async () => {
    const metrics = create()
    const many = metrics.histogram({ name: 'many_seconds', help: 'Many.', labels: { n: open(9000) } })
    for (let i = 0; i < 9000; i++) many.observe({ n: `${i}` }, 1)
    const response = await appOf(metrics).request('/metrics')
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await reader.cancel()
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    expect((await metrics.render()).length).toBeGreaterThan(4_000_000)
  })
})

describe('a large scrape', () => {
  it('lets others have their turn, and is consistent though recording goes on', async () => {
    const metrics = create()
    const children = 4000
    const times = metrics.histogram({ name: 'times_seconds', help: 'Times.', labels: { n: open(children) } })
    const series = Array.from({ length: children }, (_, i) => times.series({ n: `${i}` }))
    for (const one of series) one.observe(0.001)
    let turns = 0
    let scraping = true
    const record = (): void => {
      if (!scraping) return
      turns++
      for (let i = 0; i < children; i += 7) series[i]?.observe((turns % 12) + (i % 3) / 100)
      setImmediate(record)
    }
    setImmediate(record)
    const texts = await Promise.all([metrics.render(), metrics.render({ openMetrics: true }), metrics.render()])
    scraping = false
    expect(turns).toBeGreaterThan(3)
    for (const text of texts) {
      expect(samplesOf(text).length).toBeGreaterThan(children * 14)
      expect(expositionFaults(text)).toEqual([])
    }
  })
})
