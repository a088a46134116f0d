import { type AnyInstrument, currentScope, type Exchange, type Instrument, observe } from '@honoscope/core'
import { runtime, type Served, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { stream } from 'hono/streaming'
import { afterEach, describe, expect, it } from 'vitest'
import { createTracingWithSink, type ExportedSpan, type TracingWithSink } from '../../../tests/support/span-sink.ts'
import { createTracing, type HttpTracingOptions, type TracingOptions } from './index.ts'

let served: Served | undefined
afterEach(() => served?.stop())

interface Setup {
  readonly http?: HttpTracingOptions
  readonly tracing?: TracingOptions
  readonly others?: readonly AnyInstrument[]
  readonly routes: (app: Hono, tracing: TracingWithSink) => void
}

async function start({ http, tracing: options, others = [], routes }: Setup): Promise<TracingWithSink> {
  const tracing = await createTracingWithSink(options)
  const app = new Hono()
  app.use(observe(...others, tracing.http(http)))
  routes(app, tracing)
  app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.json({ error: 'failed' }, 500)))
  served = await serve(app.fetch)
  return tracing
}

const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${served?.url}${path}`, init)

async function spanOf(tracing: TracingWithSink, path: string, init: RequestInit = {}): Promise<ExportedSpan> {
  await (await call(path, init)).text()
  const [span, ...more] = await tracing.exported()
  expect(more).toEqual([])
  if (span === undefined) throw new Error('no span was exported')
  return span
}

describe('the server span', () => {
  it('has the stable attributes, and of the query only the names', async () => {
    const tracing = await start({ routes: (app) => app.get('/users/:id', (c) => c.text('hello')) })
    const span = await spanOf(tracing, '/users/4711?page=2&token=tmtk_secret', { headers: { 'user-agent': 'a test' } })
    expect([span.name, span.kind, span.status]).toEqual(['GET /users/:id', 1, { code: 0 }])
    expect(span.attributes).toEqual({
      'http.request.method': 'GET',
      'http.route': '/users/:id',
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'url.path': '/users/:id',
      'url.query': 'page=REDACTED&token=REDACTED',
      'server.address': '127.0.0.1',
      'server.port': served?.port,
      'client.address': '127.0.0.1',
      'user_agent.original': 'a test',
      // Bun does not tell.
      ...(runtime === 'node' && { 'network.protocol.version': '1.1' }),
    })
  })

  it('goes on with the trace of the caller', async () => {
    const tracing = await start({ routes: (app) => app.get('/', (c) => c.text('hello')) })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const span = await spanOf(tracing, '/', { headers: { traceparent } })
    expect(span.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(span.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331', isRemote: true })
  })

  it('has no route and no path where none matches, and the path as sent when asked for', async () => {
    const tracing = await start({ routes: () => undefined })
    const { name, attributes } = await spanOf(tracing, '/secret-of-mine')
    expect(name).toBe('GET')
    expect(JSON.stringify(attributes)).not.toContain('secret-of-mine')
    expect(attributes['url.path']).toBeUndefined()
    await served?.stop()
    const other = await start({ http: { path: 'full' }, routes: (app) => app.get('/users/:id', (c) => c.text('x')) })
    expect((await spanOf(other, '/users/4711')).attributes['url.path']).toBe('/users/4711')
  })

  it('calls a method that nobody knows _OTHER, and keeps its name beside', async () => {
    const tracing = await start({ routes: (app) => app.all('/x', (c) => c.text('x')) })
    const { name, attributes } = await spanOf(tracing, '/x', { method: 'PROPFIND' })
    expect(name).toBe('HTTP /x')
    expect(attributes).toMatchObject({ 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' })
  })

  it('records the headers and parameters that are named, and no other', async () => {
    const http = { requestHeaders: ['X-Tenant'], responseHeaders: ['ETag'], queryParameters: ['page'] }
    const tracing = await start({
      http,
      routes: (app) => app.get('/', (c) => c.text('x', 200, { etag: '"1"', 'x-other': 'o' })),
    })
    const headers = { 'x-tenant': 'acme', authorization: 'Bearer tmas_secret', cookie: 'sid=secret' }
    const { attributes } = await spanOf(tracing, '/?page=2&q=secret&secret', { headers })
    expect(attributes).toMatchObject({
      'http.request.header.x-tenant': ['acme'],
      'http.response.header.etag': ['"1"'],
      'url.query': 'page=2&q=REDACTED&REDACTED',
    })
    expect(JSON.stringify(attributes)).not.toContain('secret')
    expect(JSON.stringify(attributes)).not.toContain('x-other')
  })

  it.each([
    [400, 0],
    [404, 0],
    [499, 0],
    [500, 2],
    [503, 2],
  ])('of a %d has the status code %d', async (status, code) => {
    const tracing = await start({ routes: (app) => app.get('/', () => new Response('x', { status })) })
    const span = await spanOf(tracing, '/')
    expect(span.status.code).toBe(code)
    expect(span.attributes['error.type']).toBe(code === 2 ? String(status) : undefined)
    expect(span.events).toEqual([])
  })

  it('tells of an exception its type alone, and once', async () => {
    class PaymentError extends Error {}
    const tracing = await start({
      routes: (app, { span }) =>
        app.get('/', () => span('inner', () => Promise.reject(new PaymentError('password is hunter2')))),
    })
    await (await call('/')).text()
    const [inner, server] = await tracing.exported(2)
    expect([inner?.name, server?.name]).toEqual(['inner', 'GET /'])
    expect(inner?.events).toMatchObject([{ name: 'exception', attributes: { 'exception.type': 'PaymentError' } }])
    expect(server?.events).toEqual([])
    expect(server?.attributes['error.type']).toBe('PaymentError')
    expect([inner?.status.code, server?.status.code]).toEqual([2, 2])
    expect(JSON.stringify([inner?.events, server?.attributes, inner?.status])).not.toContain('hunter2')
  })

  it('tells the message and the stack when asked for', async () => {
    const tracing = await start({
      tracing: { exceptions: 'full' },
      routes: (app) =>
        app.get('/', () => {
          throw new RangeError('too far')
        }),
    })
    const { events } = await spanOf(tracing, '/')
    expect(events[0]?.attributes).toMatchObject({ 'exception.type': 'RangeError', 'exception.message': 'too far' })
    expect(events[0]?.attributes?.['exception.stacktrace']).toContain('http.test')
  })

  it('takes a thrown 4xx for an answer', async () => {
    const tracing = await start({
      routes: (app) =>
        app.get('/', () => {
          throw new HTTPException(403, { message: 'no' })
        }),
    })
    const span = await spanOf(tracing, '/')
    expect([span.status.code, span.events, span.attributes['error.type']]).toEqual([0, [], undefined])
  })

  it('ends when the stream ends', async () => {
    let finish = (): void => undefined
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    const tracing = await start({
      routes: (app) =>
        app.get('/', (c) =>
          stream(c, async (out) => {
            await out.write('begin')
            await held
            await out.write('end')
          }),
        ),
    })
    const response = await call('/')
    const reader = response.body?.getReader()
    await reader?.read()
    await tracing.flush()
    expect(await Promise.race([tracing.exported(1), new Promise((r) => setTimeout(r, 100, 'open'))])).toBe('open')
    finish()
    while (!(await reader?.read())?.done);
    await tracing.flush()
  })

  it('tells that the client went away', async () => {
    const tracing = await start({
      routes: (app) =>
        app.get('/', (c) =>
          stream(c, async (out) => {
            for (let i = 0; i < 500 && !out.aborted; i++) {
              await out.write('x'.repeat(1000))
              await out.sleep(5)
            }
          }),
        ),
    })
    const controller = new AbortController()
    const response = await call('/', { signal: controller.signal })
    await response.body?.getReader().read()
    controller.abort()
    const [span] = await tracing.exported()
    expect(span?.attributes['honoscope.outcome']).toBe('aborted')
    expect(span?.status.code).toBe(0)
  })

  it('is one, whatever stands beside it and however often it is mounted', async () => {
    const seen: (string | undefined)[] = []
    const other: Instrument = {
      name: 'other',
      end(x: Exchange) {
        seen.push(x.span?.traceId)
      },
    }
    const tracing = await createTracingWithSink()
    const app = new Hono()
    app.use(observe(other, tracing.http()))
    app.use(observe(tracing.http()))
    app.get('/', (c) => c.text(tracing.context()?.traceId ?? 'none'))
    served = await serve(app.fetch)
    const text = await (await call('/')).text()
    const spans = await tracing.exported()
    expect(spans).toHaveLength(1)
    expect([text, seen[0]]).toEqual([spans[0]?.spanContext().traceId, text])
  })

  it('is the parent of the one of a request that the app sends to itself', async () => {
    const tracing = await start({
      routes: (app) => {
        app.get('/inner', (c) => c.text('inner'))
        app.get('/outer', () => app.request('/inner'))
      },
    })
    await (await call('/outer')).text()
    const [inner, outer] = await tracing.exported(2)
    expect([inner?.name, outer?.name]).toEqual(['GET /inner', 'GET /outer'])
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId)
  })
})

describe('a request that is not sampled', () => {
  it('makes no span, has ids for the log, and passes its context on', async () => {
    const tracing = await start({
      tracing: { samplingRatio: 0 },
      routes: (app, { context }) => app.get('/', (c) => c.json(context())),
    })
    const response = await call('/', {
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' },
    })
    const body = (await response.json()) as { traceId: string; sampled: boolean; spanId: string }
    expect([body.traceId, body.sampled]).toEqual(['0af7651916cd43dd8448eb211c80319c', false])
    expect(Object.keys(body)).toEqual(['traceId', 'spanId', 'sampled'])
    expect(body.spanId).toMatch(/^[0-9a-f]{16}$/)
    expect(response.headers.get('x-trace-id')).toBeNull()
    expect(currentScope()).toBeUndefined()
    await tracing.flush()
  })

  it('tells its id where every response is to', async () => {
    const routes = (app: Hono) => app.get('/', (c) => c.text(''))
    await start({ tracing: { samplingRatio: 0 }, http: { traceIdOn: 'every' }, routes })
    expect((await call('/')).headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('the response', () => {
  it('has the trace id, under the name that is wanted', async () => {
    const routes = (app: Hono) => app.get('/', (c) => c.text('x'))
    const tracing = await start({ routes })
    const response = await call('/')
    const [span] = await tracing.exported()
    expect(response.headers.get('X-Trace-Id')).toBe(span?.spanContext().traceId)
    await served?.stop()
    await start({ http: { traceIdHeader: 'x-my-trace' }, routes })
    expect((await call('/')).headers.get('x-my-trace')).toMatch(/^[0-9a-f]{32}$/)
    await served?.stop()
    await start({ http: { traceIdHeader: false }, routes })
    expect((await call('/')).headers.get('X-Trace-Id')).toBeNull()
  })

  it('has it when its headers can not be changed, and keeps its body', async () => {
    const upstream = await serve(() => new Response('from afar', { headers: { 'x-upstream': '1' } }))
    await start({ routes: (app) => app.get('/', () => fetch(upstream.url)) })
    const response = await call('/')
    expect([await response.text(), response.headers.get('x-upstream')]).toEqual(['from afar', '1'])
    expect(response.headers.get('X-Trace-Id')).toMatch(/^[0-9a-f]{32}$/)
    await upstream.stop()
  })

  it('keeps the one that the app has set itself', async () => {
    await start({ routes: (app) => app.get('/', (c) => c.text('x', 200, { 'x-trace-id': 'mine' })) })
    expect((await call('/')).headers.get('X-Trace-Id')).toBe('mine')
  })

  it('tells the time of the work when asked for, behind what the app tells', async () => {
    await start({
      http: { serverTiming: true },
      routes: (app) =>
        app.get('/', (c) => {
          for (let i = 0; i < 7; i++) currentScope()?.exchange?.addWork('db', 1.5)
          currentScope()?.exchange?.addWork('odd kind', 1)
          return c.text('x', 200, { 'Server-Timing': 'cache;dur=1' })
        }),
    })
    expect((await call('/')).headers.get('server-timing')).toMatch(
      /^cache;dur=1, traceparent;desc="00-[0-9a-f]{32}-[0-9a-f]{16}-03", db;dur=10.5;desc="7 queries", odd_kind;dur=1.0;desc="1 call"$/,
    )
  })
})

describe('client.address', () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.7, 10.0.0.1', 'x-forwarded-proto': 'https' }
  const routes = (app: Hono) => app.get('/', (c) => c.text('x'))
  const addressOf = async (http: HttpTracingOptions, headers: Record<string, string>) => {
    const { attributes } = await spanOf(await start({ http, routes }), '/', { headers })
    await served?.stop()
    return [attributes['client.address'], attributes['url.scheme']]
  }

  it('is the peer, whatever a stranger forwards', async () => {
    expect(await addressOf({}, forwarded)).toEqual(['127.0.0.1', 'http'])
    expect(await addressOf({ trustedProxies: ['10.0.0.0/8'] }, forwarded)).toEqual(['127.0.0.1', 'http'])
  })

  it('is what a trusted proxy says, when that is an address', async () => {
    const http = { trustedProxies: ['127.0.0.0/8', '::1'] }
    expect(await addressOf(http, forwarded)).toEqual(['203.0.113.7', 'https'])
    expect(await addressOf(http, { forwarded: 'for="[2001:DB8::1]:80";proto=https' })).toEqual(['2001:db8::1', 'http'])
    expect(await addressOf(http, { 'x-real-ip': '203.0.113.8:443' })).toEqual(['203.0.113.8', 'http'])
    expect(await addressOf(http, { 'x-forwarded-for': 'nonsense', 'x-forwarded-proto': 'gopher' })).toEqual([
      '127.0.0.1',
      'http',
    ])
  })

  it('is left out when asked for', async () => {
    expect(await addressOf({ clientAddress: false }, {})).toEqual([undefined, 'http'])
  })
})

it('leaves the user agent out when asked for', async () => {
  const tracing = await start({ http: { userAgent: false }, routes: (app) => app.get('/', (c) => c.text('x')) })
  const { attributes } = await spanOf(tracing, '/', { headers: { 'user-agent': 'tmtk_planted' } })
  expect(JSON.stringify(attributes)).not.toContain('planted')
})

describe('options', () => {
  it.each([
    [{ path: 'all' }, 'path'],
    [{ trustedProxies: ['10.0.0.0/33'] }, 'trustedProxies'],
    [{ trustedProxies: ['localhost'] }, 'trustedProxies'],
    [{ trustedProxies: '10.0.0.1' }, 'trustedProxies'],
    [{ requestHeaders: ['a b'] }, 'requestHeaders'],
    [{ responseHeaders: 'etag' }, 'responseHeaders'],
    [{ queryParameters: [1] }, 'queryParameters'],
    [{ traceIdHeader: '' }, 'traceIdHeader'],
    [{ traceIdHeader: 'a:b' }, 'traceIdHeader'],
    [{ traceIdOn: 'all' }, 'traceIdOn'],
    [{ serverTiming: 'yes' }, 'serverTiming'],
    [{ clientAddress: 1 }, 'clientAddress'],
    [{ userAgent: 'no' }, 'userAgent'],
  ])('%j is refused by name, on or off', async (options, name) => {
    const off = await createTracing({ env: {} })
    const on = await createTracingWithSink()
    for (const tracing of [off, on]) {
      expect(() => tracing.http(options as HttpTracingOptions)).toThrow(`tracing.http(): "${name}"`)
    }
  })
})
