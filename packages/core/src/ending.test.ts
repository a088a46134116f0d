import { createConnection } from 'node:net'
import { createObserver, type Exchange, inFlight } from '@honoscope/core'
import { runtime, type Served, serve } from '@honoscope/testing'
import { Hono, type MiddlewareHandler } from 'hono'
import { stream, streamSSE, streamText } from 'hono/streaming'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

// The adapter of the other runtime can't be loaded.
const { serveStatic } = (
  runtime === 'bun' ? await import('hono/bun') : await import('@hono/node-server/serve-static')
) as { serveStatic(options: { root: string; rewriteRequestPath(path: string): string }): MiddlewareHandler }
const requests = inFlight()
let ends: Exchange[] = []
let server: Served
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

const app = new Hono()
app.use(createObserver({ app })(requests, { name: 'ends', end: (x) => void ends.push(x) }))
app.get('/sse', (c) =>
  streamSSE(c, async (sse) => {
    for (let i = 0; i < 3; i++) {
      await sse.writeSSE({ data: `${i}` })
      await sse.sleep(40)
    }
  }),
)
app.get('/text', (c) =>
  streamText(c, async (out) => {
    await out.write('a')
    await out.sleep(50)
    await out.write('b')
  }),
)
app.get('/endless', (c) =>
  streamSSE(c, async (sse) => {
    while (!sse.aborted) {
      await sse.writeSSE({ data: 'x' })
      await sse.sleep(10)
    }
  }),
)
app.get('/caught', (c) =>
  stream(
    c,
    async (out) => {
      await out.write('half')
      throw new Error('caught by Hono')
    },
    async () => {},
  ),
)
app.get('/half', () => {
  const body = new ReadableStream({
    async pull(controller) {
      controller.enqueue(bytes('half'))
      await sleep(20)
      controller.error(new Error('broken'))
    },
  })
  return new Response(body)
})
app.get('/slow', async (c) => {
  await sleep(200)
  return c.text('late')
})
app.get('/raw', () => new Response('raw'))
app.get('/bytes', (c) => c.body(bytes('12345')))
app.get('/unused', (c) => {
  c.text('made, and not sent')
  return new Response('x'.repeat(1_000_000))
})
app.get('/blob', () => new Response(new Blob(['123456'])))
app.use('/late/*', async (c, next) => {
  await next()
  c.header('X-Late', '1')
})
app.get('/late/json', (c) => c.json('x'.repeat(1_000_000)))
app.get('/late/raw', () => new Response('x'.repeat(1_000_000)))
app.get('/late/rebuilt', async (c, next) => {
  await next()
  c.res = new Response(c.res.body, c.res)
})
app.get('/late/rebuilt', (c) => c.json('x'.repeat(1_000_000)))
app.get('/late/proxied', () => fetch(`${server.url}/raw`))
app.get('/big', (c) => c.text('x'.repeat(5_000_000)))
app.get(
  '/late/files/*',
  serveStatic({ root: './packages/core', rewriteRequestPath: (path) => path.replace('/late/files', '') }),
)
app.get(
  '/files/*',
  serveStatic({
    root: './packages/core',
    rewriteRequestPath: (path) => path.replace('/files', ''),
  }) as MiddlewareHandler,
)

beforeAll(async () => {
  server = await serve(app.fetch)
})
afterAll(() => server.stop())
beforeEach(() => {
  ends = []
})

/** The one exchange that ended; fails when none does within two seconds, or a second one follows. */
async function theEnd(): Promise<Exchange> {
  const deadline = Date.now() + 2000
  while (ends.length === 0 && Date.now() < deadline) await sleep(5)
  await sleep(30)
  expect(ends).toHaveLength(1)
  expect(requests.count).toBe(0)
  return ends[0] as Exchange
}

describe('the end', () => {
  it.each([
    ['/sse', 27, 100],
    ['/text', 2, 40],
  ])('of the stream %s is its last byte', async (path, size, atLeastMs) => {
    const response = await fetch(server.url + path)
    await sleep(10)
    expect(ends).toHaveLength(0)
    expect(requests.count).toBe(1)
    await response.text()
    const x = await theEnd()
    expect(x).toMatchObject({ route: path, status: 200, outcome: 'ok', responseBytes: size })
    expect(x.durationMs - x.ttfbMs).toBeGreaterThan(atLeastMs)
  })

  it('of a stream that fails half way is an error, with the error', async () => {
    await quietly(async () => {
      await expect(fetch(`${server.url}/half`).then((r) => r.text())).rejects.toThrow()
    })
    expect(await theEnd()).toMatchObject({ status: 200, outcome: 'error', error: new Error('broken') })
  })

  it('of a stream whose error Hono caught is like any other: the client got a whole body', async () => {
    expect(await (await fetch(`${server.url}/caught`)).text()).toBe('half')
    expect(await theEnd()).toMatchObject({ outcome: 'ok', responseBytes: 4 })
  })

  it('comes when the client goes away from a stream', async () => {
    const leave = new AbortController()
    const response = await fetch(`${server.url}/endless`, { signal: leave.signal })
    await response.body?.getReader().read()
    leave.abort()
    expect(await theEnd()).toMatchObject({ route: '/endless', status: 200, outcome: 'aborted' })
  })

  it('comes when the handler is done, if the client has gone before', async () => {
    await expect(fetch(`${server.url}/slow`, { signal: AbortSignal.timeout(50) })).rejects.toThrow()
    await sleep(50)
    expect(requests.count).toBe(1)
    expect(await theEnd()).toMatchObject({ route: '/slow', outcome: 'aborted', responseBytes: 0 })
  })

  it('comes when the client hangs up without reading', async () => {
    const socket = createConnection(server.port, '127.0.0.1')
    socket.write('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n')
    await sleep(100)
    socket.destroy()
    expect(await theEnd()).toMatchObject({ outcome: 'aborted' })
  })

  it.each([
    ['/raw', 'raw', '3'],
    ['/bytes', '12345', '5'],
    ['/blob', '123456', '6'],
    ['/unused', undefined, '1000000'],
    ['/files/LICENSE.txt', undefined, undefined],
    ['/files/package.json', '"@honoscope/core"', undefined],
  ])('of %s comes, and the body keeps its form', async (path, content, length) => {
    const response = await fetch(server.url + path)
    const text = await response.text()
    if (content !== undefined) expect(text).toContain(content)
    if (length !== undefined) expect(response.headers.get('content-length')).toBe(length)
    expect(await theEnd()).toMatchObject({ status: response.status, outcome: 'ok' })
  })

  it.each([
    ['/late/json', 1_000_002],
    ['/late/raw', 1_000_000],
    ['/late/rebuilt', 1_000_002],
    ['/late/files/src/ending.test.ts', undefined],
  ])('of %s comes, and a header that is set late does not cost it its length', async (path, size) => {
    const response = await fetch(server.url + path)
    const { byteLength } = await response.arrayBuffer()
    expect(response.headers.get('x-late')).toBe('1')
    if (size !== undefined) expect(byteLength).toBe(size)
    // Node's adapter measures what it has in one piece only.
    if (runtime === 'bun') expect(response.headers.get('content-length')).toBe(`${byteLength}`)
    expect(await theEnd()).toMatchObject({ status: 200, outcome: 'ok' })
  })

  it('of a response whose headers cannot be changed comes too, with the header', async () => {
    const response = await fetch(`${server.url}/late/proxied`)
    expect(await response.text()).toBe('raw')
    expect(response.headers.get('x-late')).toBe('1')
    await sleep(50)
    expect(ends.map(({ route, outcome }) => `${route} ${outcome}`).sort()).toEqual(['/late/proxied ok', '/raw ok'])
  })

  it('of a large body counts all of its bytes', async () => {
    await (await fetch(`${server.url}/big`)).arrayBuffer()
    expect(await theEnd()).toMatchObject({ outcome: 'ok', responseBytes: 5_000_000 })
  })

  it('of a HEAD for a stream comes, though nobody reads it', async () => {
    await fetch(`${server.url}/sse`, { method: 'HEAD' })
    expect(await theEnd()).toMatchObject({ method: 'HEAD', responseBytes: 0 })
  })

  it('comes once for each request of a connection', async () => {
    const path = (i: number): string => `${server.url}/${i % 2 ? 'text' : 'raw'}`
    await Promise.all(Array.from({ length: 100 }, async (_, i) => (await fetch(path(i))).text()))
    const deadline = Date.now() + 2000
    while (requests.count > 0 && Date.now() < deadline) await sleep(5)
    expect(ends).toHaveLength(100)
  })
})

describe('inFlight()', () => {
  it('is idle at once when nothing is under way', async () => {
    expect(await requests.idle(1000)).toBe(true)
  })

  it('waits for the last byte', async () => {
    const response = await fetch(`${server.url}/sse`)
    expect(requests.count).toBe(1)
    const [idle] = await Promise.all([requests.idle(2000), response.text()])
    expect(idle).toBe(true)
    expect(requests.count).toBe(0)
  })

  it('gives up at its deadline', async () => {
    const response = await fetch(`${server.url}/sse`)
    expect(await requests.idle(20)).toBe(false)
    await response.text()
    await theEnd()
  })
})

/** Runs `step` without the stack that a server prints for an error that nobody handled. */
async function quietly(step: () => Promise<void>): Promise<void> {
  const { error } = console
  console.error = () => {}
  await step().finally(() => {
    console.error = error
  })
}
