import { observe } from '@honoscope/core'
import { serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { createMetrics, type HttpOptions, type Metrics } from './index.ts'

function setUp(options?: HttpOptions, prefix = ''): { metrics: Metrics; app: Hono } {
  const metrics = createMetrics({ prefix, runtime: false })
  const app = new Hono()
  app.use(observe(metrics.http(options)))
  app.get('/users/:id', (c) => c.text('hello'))
  app.post('/users', async (c) => c.text(await c.req.text(), 201))
  app.get('/files/:name{.+\\.(png|jpe?g)}', (c) => c.text('x'))
  app.get('/codes/:code{[0-9]{3}}/:part?', (c) => c.text('x'))
  app.get('/fails', () => {
    throw new Error('no')
  })
  // Hono's own would write the error to the console.
  app.onError((_error, c) => c.text('failed', 500))
  return { metrics, app }
}

/** Sample lines, without buckets. */
async function samples(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.render()
  return text.split('\n').filter((line) => line.startsWith(name) && !line.includes('_bucket'))
}

async function send(app: Hono, path: string, method = 'GET'): Promise<void> {
  const request = new Request(`http://localhost${path}`)
  // Bun's constructor makes GET of a method that it does not know; its server doesn't.
  Object.defineProperty(request, 'method', { value: method })
  await (await app.fetch(request)).arrayBuffer()
}

describe('the HTTP instrument', () => {
  it('records five metrics', async () => {
    const { metrics, app } = setUp({}, 'shop_')
    const server = await serve(app.fetch)
    try {
      await (await fetch(`${server.url}/users/7`)).text()
      await (await fetch(`${server.url}/users`, { method: 'POST', body: 'abc' })).text()
      await (await fetch(`${server.url}/nowhere/7`, { method: 'PROPFIND' })).text()
      await (await fetch(`${server.url}/fails`)).text()
      // The end of the last request may be seen a moment after its answer.
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      await server.stop()
    }
    expect(await samples(metrics, 'shop_http_requests_total')).toEqual([
      'shop_http_requests_total{method="GET",route="/users/:id",status_code="200"} 1',
      'shop_http_requests_total{method="POST",route="/users",status_code="201"} 1',
      'shop_http_requests_total{method="_OTHER",route="unmatched",status_code="404"} 1',
      'shop_http_requests_total{method="GET",route="/fails",status_code="500"} 1',
    ])
    expect(await samples(metrics, 'shop_http_request_duration_seconds_count')).toHaveLength(4)
    expect(await samples(metrics, 'shop_http_request_size_bytes_sum')).toContain(
      'shop_http_request_size_bytes_sum{method="POST",route="/users"} 3',
    )
    expect(await samples(metrics, 'shop_http_response_size_bytes_sum')).toContain(
      'shop_http_response_size_bytes_sum{method="GET",route="/users/:id"} 5',
    )
    expect(await samples(metrics, 'shop_http_requests_in_flight')).toEqual(['shop_http_requests_in_flight 0'])
  })

  it('counts requests that are under way', async () => {
    const { metrics, app } = setUp()
    let release = (): void => {}
    app.get('/slow', async (c) => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return c.text('done')
    })
    const pending = app.request('/slow')
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await samples(metrics, 'http_requests_in_flight')).toEqual(['http_requests_in_flight 1'])
    release()
    await (await pending).text()
    expect(await samples(metrics, 'http_requests_in_flight')).toEqual(['http_requests_in_flight 0'])
  })

  it("gives TokMesh's latency histogram, with series that are there before the first request", async () => {
    const options: HttpOptions = {
      names: {
        duration: 'api_request_duration_seconds',
        requests: false,
        inFlight: false,
        requestSize: false,
        responseSize: false,
      },
      labels: { duration: { method: 'method', path: 'route', status: 'status' } },
      buckets: { duration: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1] },
      routeStyle: 'openapi',
      otherMethod: 'OTHER',
      init: [{ method: 'GET', route: '/users/:id', status: 200 }],
    }
    const { metrics, app } = setUp(options, 'tokmesh_')
    const name = 'tokmesh_api_request_duration_seconds_count'
    expect(await samples(metrics, name)).toEqual([`${name}{method="GET",path="/users/{id}",status="200"} 0`])
    await send(app, '/users/7')
    await send(app, '/users/8', 'BREW')
    expect(await samples(metrics, name)).toEqual([
      `${name}{method="GET",path="/users/{id}",status="200"} 1`,
      `${name}{method="OTHER",path="unmatched",status="404"} 1`,
    ])
    const text = await metrics.render()
    expect(text).toContain(
      'tokmesh_api_request_duration_seconds_bucket{method="GET",path="/users/{id}",status="200",le="1"} 1',
    )
    expect(text).not.toContain('http_')
  })

  it('takes fixed labels, and a metric without any', async () => {
    const { metrics, app } = setUp({
      labels: { requests: { service: { value: 'api' }, method: 'method' }, duration: {} },
    })
    await send(app, '/users/7')
    expect(await samples(metrics, 'http_requests_total')).toEqual(['http_requests_total{service="api",method="GET"} 1'])
    expect(await samples(metrics, 'http_request_duration_seconds_count')).toEqual([
      'http_request_duration_seconds_count 1',
    ])
  })

  it("writes OpenAPI's templates, of patterns and optional parameters too", async () => {
    const { metrics, app } = setUp({ routeStyle: 'openapi', labels: { requests: { route: 'route' } } })
    for (const path of ['/users/7', '/files/a/b.png', '/codes/123', '/codes/123/x']) await send(app, path)
    expect(await samples(metrics, 'http_requests_total')).toEqual([
      'http_requests_total{route="/users/{id}"} 1',
      'http_requests_total{route="/files/{name}"} 1',
      'http_requests_total{route="/codes/{code}/{part}"} 2',
    ])
  })

  it('folds routes above maxRoutes into other, each time', async () => {
    const metrics = createMetrics({ runtime: false })
    const app = new Hono()
    app.use(observe(metrics.http({ maxRoutes: 2, labels: { requests: { route: 'route' } } })))
    for (const path of ['/a', '/b', '/c', '/d']) app.get(path, (c) => c.text('x'))
    for (const path of ['/a', '/b', '/c', '/d', '/c', '/a']) await send(app, path)
    expect(await samples(metrics, 'http_requests_total')).toEqual([
      'http_requests_total{route="/a"} 2',
      'http_requests_total{route="/b"} 1',
      'http_requests_total{route="other"} 3',
    ])
    expect(await samples(metrics, 'honoscope_label_overflow_total{metric="http_requests_total"')).toEqual([
      'honoscope_label_overflow_total{metric="http_requests_total",label="route"} 3',
    ])
  })

  it('stays as small under invented methods, paths and statuses', async () => {
    const { metrics, app } = setUp()
    app.get('/status/:code', (c) => new Response('', { status: Number(c.req.param('code')) }))
    for (let i = 0; i < 2000; i++) await send(app, `/invented/${i}`, `M${i}`)
    for (let i = 200; i < 600; i++) if (![204, 205, 304].includes(i)) await send(app, `/status/${i}`)
    const requests = await samples(metrics, 'http_requests_total')
    expect(requests).toHaveLength(1 + 397)
    expect(requests[0]).toBe('http_requests_total{method="_OTHER",route="unmatched",status_code="404"} 2000')
    expect(await samples(metrics, 'http_request_duration_seconds_count')).toHaveLength(2)
  })

  it('puts the span of the exchange into the exemplars', async () => {
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
    const { metrics, app } = setUp({ traceContext: (x) => (x.status === 200 ? trace : undefined) })
    await send(app, '/users/7')
    await send(app, '/fails')
    const text = await metrics.render({ openMetrics: true })
    expect(text).toContain(`status_code="200"} 1 # {trace_id="${trace.traceId}",span_id="${trace.spanId}"} 1 `)
    expect(text).toContain('status_code="500"} 1\n')
  })

  it('counts hooks of other instruments that fail', async () => {
    const metrics = createMetrics({ runtime: false })
    const app = new Hono()
    const broken = {
      name: 'broken',
      end() {
        throw new Error('no')
      },
    }
    app.use(observe(broken, metrics.http()))
    app.get('/', (c) => c.text('x'))
    await send(app, '/')
    expect(await samples(metrics, 'honoscope_instrument_errors_total')).toEqual([
      'honoscope_instrument_errors_total{instrument="broken",hook="end"} 1',
    ])
    expect(await samples(metrics, 'http_requests_total')).toHaveLength(1)
  })

  it('is there once as middleware and as the default instrument; a second one needs names of its own', async () => {
    const metrics = createMetrics({ runtime: false })
    expect(metrics.http()).toBe(metrics.http())
    const app = new Hono()
    app.use(metrics.middleware)
    app.get('/', (c) => c.text('x'))
    await send(app, '/')
    expect(await samples(metrics, 'http_requests_total')).toHaveLength(1)
    expect(() => metrics.http({})).toThrow('metric http_requests_total: there is one with this name already')
  })

  it('refuses wrong options, and names them', () => {
    const http = (options: object) => (): unknown => createMetrics({ runtime: false }).http(options)
    expect(http({ maxRoutes: 0 })).toThrow('metrics.http: maxRoutes must be a whole number above 0, not 0')
    expect(http({ routeStyle: 'rails' })).toThrow('metrics.http: routeStyle must be "hono" or "openapi"')
    expect(http({ labels: { duration: { path: 'url' } } })).toThrow('metrics.http: label path of duration')
    expect(http({ labels: { latency: {} } })).toThrow('metrics.http: labels of latency')
    expect(http({ names: { latency: 'x' } })).toThrow('metrics.http: names of latency')
    expect(http({ labels: { duration: { le: 'route' } } })).toThrow('metric http_request_duration_seconds: label le')
    expect(http({ buckets: { duration: [2, 1] } })).toThrow('metric http_request_duration_seconds: buckets must ascend')
  })
})
