import { createObserver, type Exchange, type Instrument, observe } from '@honoscope/core'
import { serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { describe, expect, it } from 'vitest'

type Seen = Pick<Exchange, 'method' | 'route' | 'status' | 'outcome' | 'error' | 'requestBytes' | 'responseBytes'>

/** An instrument that keeps what it saw at the end, and a promise for the next end. */
function recorder(): Instrument & { readonly seen: Seen[]; next(): Promise<Seen> } {
  const seen: Seen[] = []
  const waiting: ((one: Seen) => void)[] = []
  return {
    name: 'recorder',
    seen,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    end({ method, route, status, outcome, error, requestBytes, responseBytes }) {
      const one = { method, route, status, outcome, error, requestBytes, responseBytes }
      seen.push(one)
      waiting.shift()?.(one)
    },
  }
}

const boom = new Error('boom')

/** Routes for the ways in which a handler can end, with what the client gets and what an instrument is told. */
function build(app: Hono): Hono {
  app.get('/json/:id', (c) => c.json({ id: c.req.param('id'), text: 'é' }))
  app.get('/text', (c) => c.text('hällo', 201, { 'X-Own': '1' }))
  app.get('/html', (c) => c.html('<p>hi</p>'))
  app.get('/body', (c) => c.body('bytes', 200, { 'Content-Type': 'text/csv' }))
  app.get('/json-status', (c) => c.json([1], { status: 202, headers: { 'Content-Type': 'application/problem+json' } }))
  app.get('/undefined', (c) => c.json(undefined as never))
  app.get('/redirect', (c) => c.redirect('/text'))
  app.get('/empty', (c) => c.body(null, 204))
  app.get('/not-modified', (c) => c.body(null, 304))
  app.get('/error', () => Promise.reject(boom))
  app.get('/string', () => {
    throw 'x'
  })
  app.get('/null', () => Promise.reject(null))
  app.get('/exception', () => {
    throw new HTTPException(403, { message: 'no' })
  })
  app.get('/unavailable', () => {
    throw new HTTPException(503)
  })
  app.post('/echo', async (c) => c.text(await c.req.text()))
  app.onError((error, c) => ('getResponse' in error ? (error as HTTPException).getResponse() : c.text('handled', 500)))
  return app
}

const table: [path: string, init: RequestInit | undefined, expected: Partial<Seen>][] = [
  [
    '/json/7',
    undefined,
    { route: '/json/:id', status: 200, outcome: 'ok', error: undefined, requestBytes: 0, responseBytes: 22 },
  ],
  ['/json/7', { method: 'HEAD' }, { method: 'HEAD', route: '/json/:id', status: 200, outcome: 'ok', responseBytes: 0 }],
  ['/text', undefined, { status: 201, responseBytes: 6 }],
  ['/html', undefined, { status: 200, responseBytes: 9 }],
  ['/body', undefined, { status: 200, responseBytes: 5 }],
  ['/json-status', undefined, { status: 202, responseBytes: 3 }],
  ['/redirect', { redirect: 'manual' }, { route: '/redirect', status: 302, outcome: 'ok' }],
  ['/empty', undefined, { status: 204, outcome: 'ok', responseBytes: 0 }],
  ['/not-modified', undefined, { status: 304, outcome: 'ok', responseBytes: 0 }],
  ['/error', undefined, { route: '/error', status: 500, outcome: 'error', error: boom }],
  ['/string', undefined, { route: '/string', status: 500, outcome: 'error', error: 'x' }],
  ['/null', undefined, { route: '/null', status: 500, outcome: 'error', error: null }],
  ['/exception', undefined, { route: '/exception', status: 403, outcome: 'ok' }],
  ['/unavailable', undefined, { route: '/unavailable', status: 503, outcome: 'error' }],
  ['/nowhere', undefined, { route: 'unmatched', status: 404, outcome: 'ok' }],
  ['/echo', { method: 'POST', body: 'é' }, { route: '/echo', status: 200, requestBytes: 2, responseBytes: 2 }],
  ['/text', { method: 'DELETE' }, { method: 'DELETE', route: '/text', status: 404 }],
]

describe('observe()', () => {
  it.each(table)('over HTTP tells the truth about %s %o', async (path, init, expected) => {
    const instrument = recorder()
    const app = new Hono()
    app.use(createObserver({ app })(instrument))
    const server = await serve(build(app).fetch)
    const end = instrument.next()
    const response = await fetch(server.url + path, init)
    await response.arrayBuffer()
    expect(await end).toMatchObject(expected)
    expect(response.status).toBe(expected.status)
    expect(instrument.seen).toHaveLength(1)
    await server.stop()
  })

  it.each(table)('through app.request() tells the truth about %s %o', async (path, init, expected) => {
    const instrument = recorder()
    const app = new Hono()
    app.use(createObserver({ app })(instrument))
    const end = instrument.next()
    // What app.request() can't turn into a response rejects: a server makes a 500 of it.
    const response = await Promise.resolve(build(app).request(path, init)).catch(
      () => new Response(null, { status: 500 }),
    )
    await response.arrayBuffer()
    const { requestBytes, ...rest } = expected
    expect(await end).toMatchObject(rest)
    expect(response.status).toBe(expected.status)
  })

  it('changes no status, header or byte', async () => {
    const bare = await serve(build(new Hono()).fetch)
    const watched = new Hono()
    watched.use(observe(recorder()))
    const server = await serve(build(watched).fetch)
    for (const [path, init] of [...table, ['/undefined', undefined, {}] as const]) {
      if (path === '/string' || path === '/null') continue // The page that Bun makes of these holds the call stack.
      const [expected, got] = await Promise.all(
        [bare, server].map(async ({ url }) => shown(await fetch(url + path, init))),
      )
      expect(got, path).toEqual(expected)
    }
    await Promise.all([bare.stop(), server.stop()])
  })

  it('gives 500, never 200, when onError itself throws', async () => {
    const instrument = recorder()
    const app = new Hono()
    app.use(observe(instrument))
    app.get('/x', () => Promise.reject(boom))
    app.onError(() => {
      throw new Error('and again')
    })
    const server = await serve(app.fetch)
    const end = instrument.next()
    const response = await quietly(() => fetch(`${server.url}/x`))
    expect(response.status).toBe(500)
    expect(await end).toMatchObject({ route: '/x', status: 500, outcome: 'error' })
    await server.stop()
  })

  it('gives 500 when nobody answers', async () => {
    const instrument = recorder()
    const app = new Hono()
    app.use(observe(instrument))
    app.get('/x', (async () => undefined) as never)
    app.onError((_, c) => c.text('nobody', 500))
    const response = await app.request('/x')
    expect(response.status).toBe(500)
    expect(instrument.seen).toMatchObject([{ route: '/x', status: 500 }])
  })

  it('hands the error of the app on as it was', async () => {
    const app = new Hono()
    app.use(observe(recorder()))
    app.get('/x', () => Promise.reject('own'))
    await expect(app.request('/x')).rejects.toBe('own')
  })

  it('mounted twice counts once, and two observers count each for themselves', async () => {
    const one = recorder()
    const other = recorder()
    const app = new Hono()
    const middleware = observe(one)
    const sub = new Hono()
    sub.use(middleware, observe(other))
    sub.get('/x', middleware, (c) => c.text('ok'))
    app.use(middleware, middleware)
    app.route('/sub', sub)
    const response = await app.request('/sub/x')
    expect(await response.text()).toBe('ok')
    expect(one.seen).toHaveLength(1)
    expect(other.seen).toHaveLength(1)
  })

  it('takes its times from the clock that it is given', async () => {
    let now = 1000
    const app = new Hono()
    let x: Exchange | undefined
    app.use(
      createObserver({ clock: () => now })({
        name: 'note',
        respond: () => {
          now += 7
        },
        end(exchange) {
          x = exchange
        },
      }),
    )
    app.get('/x', (c) => {
      now += 30
      return c.text('ok')
    })
    await app.request('/x')
    expect(x).toMatchObject({ startedAt: 1000, ttfbMs: 30, durationMs: 37 })
  })

  it('does not know the size of a body that comes in chunks, and does not call it 0', async () => {
    const instrument = recorder()
    const app = new Hono()
    app.use(observe(instrument))
    const server = await serve(build(app).fetch)
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('abc'))
        controller.close()
      },
    })
    const end = instrument.next()
    const response = await fetch(`${server.url}/echo`, { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(await response.text()).toBe('abc')
    expect(await end).toMatchObject({ requestBytes: undefined, responseBytes: 3 })
    const empty = instrument.next()
    await (await fetch(`${server.url}/echo`, { method: 'POST' })).text()
    expect(await empty).toMatchObject({ requestBytes: 0 })
    await server.stop()
  })

  it('lets an instrument set headers in respond', async () => {
    const app = new Hono()
    app.use(observe({ name: 'header', respond: (x) => x.context.res.headers.set('X-Trace-Id', 'abc') }))
    app.get('/x', (c) => c.json({ a: 1 }))
    const server = await serve(app.fetch)
    const response = await fetch(`${server.url}/x`)
    expect(response.headers.get('x-trace-id')).toBe('abc')
    expect(response.headers.get('content-length')).toBe('7')
    expect(await response.json()).toEqual({ a: 1 })
    await server.stop()
  })

  it('throws at once for instruments without a name or with the same name', () => {
    expect(() => observe({ name: '' })).toThrow(/"name"/)
    expect(() => observe({ name: 'a' }, { name: 'a' })).toThrow(/two instruments have the name "a"/)
  })
})

/** All that a client can see of a response, but the date. */
async function shown(response: Response): Promise<unknown> {
  const headers = [...response.headers].filter(([name]) => name !== 'date')
  return [response.status, response.statusText, headers, await response.text()]
}

/** Runs `step` without the stack that a server prints for an error that nobody handled. */
async function quietly<T>(step: () => Promise<T>): Promise<T> {
  const { error } = console
  console.error = () => {}
  try {
    return await step()
  } finally {
    console.error = error
  }
}
