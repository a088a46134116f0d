import { runtime, type Served, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTracingWithSink, type TracingWithSink } from '../../../tests/support/span-sink.ts'
import { createTracing, type FetchOptions } from './index.ts'

let callee: Served
let tracing: TracingWithSink
let received: { method: string; headers: Record<string, string>; body: string }[] = []

beforeAll(async () => {
  const app = new Hono()
  app.get('/status/:status', (c) => new Response('x', { status: Number(c.req.param('status')) }))
  app.get('/slow', async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 2000))
    return c.text('late')
  })
  app.get('/stream', () => new Response(new Blob(['a', 'b', 'c']).stream()))
  app.all('*', async (c) => {
    received.push({ method: c.req.method, headers: c.req.header(), body: await c.req.text() })
    return c.text('answer')
  })
  callee = await serve(app.fetch)
  tracing = await createTracingWithSink()
})
beforeEach(async () => {
  received = []
})
afterAll(() => callee.stop())

describe('tracing.fetch', () => {
  it('makes a client span below the current one, and carries its context', async () => {
    await tracing.span('work', () => tracing.fetch(`${callee.url}/users/4711?page=1`))
    const [client, work] = await tracing.exported(2)
    expect([client?.name, client?.kind, client?.status.code]).toEqual(['GET', 2, 0])
    expect(client?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': callee.port,
      'url.full': `${callee.url}/REDACTED?page=REDACTED`,
    })
    const { traceId, spanId } = client?.spanContext() ?? {}
    expect(client?.parentSpanContext?.spanId).toBe(work?.spanContext().spanId)
    expect(received[0]?.headers.traceparent).toBe(`00-${traceId}-${spanId}-03`)
  })

  it.each([
    [200, 0, undefined],
    [404, 2, '404'],
    [503, 2, '503'],
  ])('of a %d has the status code %d', async (status, code, type) => {
    expect((await tracing.fetch(`${callee.url}/status/${status}`)).status).toBe(status)
    const [span] = await tracing.exported()
    expect([span?.status.code, span?.attributes['error.type']]).toEqual([code, type])
  })

  const inputs: readonly (readonly [
    name: string,
    call: (url: string) => Promise<Response>,
    method: string,
    body: string,
  ])[] = [
    ['a string', (url) => tracing.fetch(url), 'GET', ''],
    ['a URL', (url) => tracing.fetch(new URL(url)), 'GET', ''],
    [
      'a Request',
      (url) => tracing.fetch(new Request(url, { method: 'PUT', body: 'b', headers: { 'x-own': '1' } })),
      'PUT',
      'b',
    ],
    [
      'a Request with init',
      (url) =>
        tracing.fetch(new Request(url, { method: 'PUT' }), { method: 'POST', body: 'i', headers: { 'x-own': '1' } }),
      'POST',
      'i',
    ],
    [
      'a Request for init',
      (url) => tracing.fetch(url, new Request(url, { method: 'POST', body: 'r', headers: { 'x-own': '1' } })),
      'POST',
      'r',
    ],
    [
      'Headers',
      (url) => tracing.fetch(url, { method: 'post', body: 'h', headers: new Headers({ 'x-own': '1' }) }),
      'POST',
      'h',
    ],
    ['pairs', (url) => tracing.fetch(url, { method: 'PATCH', body: 'p', headers: [['x-own', '1']] }), 'PATCH', 'p'],
  ]
  it.each(inputs)('takes %s as fetch does', async (_, call, method, body) => {
    expect(await (await call(`${callee.url}/any`)).text()).toBe('answer')
    expect([received[0]?.method, received[0]?.body]).toEqual([method, body])
    expect(received[0]?.headers.traceparent).toMatch(/^00-/)
    if (method !== 'GET') expect(received[0]?.headers['x-own']).toBe('1')
    const [span] = await tracing.exported()
    expect(span?.attributes['http.request.method']).toBe(method)
  })

  it('streams the request and the response', async () => {
    const body = new Blob(['one ', 'two']).stream()
    // `duplex` is asked for by Node; the types of the platform don't know it yet.
    await tracing.fetch(`${callee.url}/any`, { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(received[0]?.body).toBe('one two')
    expect(await (await tracing.fetch(`${callee.url}/stream`)).text()).toBe('abc')
    expect(await tracing.exported(2)).toHaveLength(2)
  })

  it("leaves the caller's objects as they were", async () => {
    const headers = Object.freeze({ 'x-own': '1' })
    const init = Object.freeze({ method: 'POST', body: 'b', headers })
    const own = new Headers(headers)
    const request = new Request(`${callee.url}/any`, { headers: own })
    await tracing.fetch(`${callee.url}/any`, init)
    await tracing.fetch(request)
    expect([init.headers, [...own], [...request.headers]]).toEqual([headers, [['x-own', '1']], [['x-own', '1']]])
    await tracing.exported(2)
  })

  it('puts its own context in place of one that was copied, and leaves a baggage alone', async () => {
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'foo=1', baggage: 'mine=1' }
    await tracing.fetch(`${callee.url}/any`, { headers })
    const [span] = await tracing.exported()
    const { traceparent, tracestate, baggage } = received[0]?.headers ?? {}
    expect(traceparent?.slice(3, 35)).toBe(span?.spanContext().traceId)
    expect([tracestate, baggage]).toEqual([undefined, 'mine=1'])
  })

  it('throws what fetch throws, the very same, and records its type', async () => {
    const failure = new TypeError('connect to 10.0.0.1 with password hunter2 failed')
    const failing = tracing.createFetch((() => Promise.reject(failure)) as unknown as typeof fetch)
    await expect(failing('http://127.0.0.1/')).rejects.toBe(failure)
    const [span] = await tracing.exported()
    expect([span?.status.code, span?.attributes['error.type'], span?.events.length]).toEqual([2, 'TypeError', 1])
    expect(JSON.stringify([span?.attributes, span?.events])).not.toContain('hunter2')
    await expect(tracing.fetch('not a url')).rejects.toBeInstanceOf(TypeError)
    await tracing.exported()
  })

  it('is aborted as fetch is', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const answer = tracing.fetch(`${callee.url}/slow`, { signal: controller.signal })
    setTimeout(() => controller.abort(reason), 20)
    await expect(answer).rejects.toBe(reason)
    const [span] = await tracing.exported()
    expect(span?.status.code).toBe(2)
  })

  it('makes no span below one that is not recorded, and carries the context on', async () => {
    const quiet = await createTracingWithSink({ samplingRatio: 0 })
    await quiet.span('work', () => quiet.fetch(`${callee.url}/any`))
    expect(received[0]?.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[02]$/)
  })
})

describe('tracing.createFetch', () => {
  it('tells the path and the parameters that it may', async () => {
    const call = tracing.createFetch(fetch, { path: 'full', queryParameters: ['page'] })
    await call(`${callee.url.replace('//', '//user:pass@')}/users?page=1&key=secret#frag`).catch(() => undefined)
    const [span] = await tracing.exported()
    expect(span?.attributes['url.full']).toBe(`${callee.url}/users?page=1&key=REDACTED`)
  })

  it('carries the context only where it may', async () => {
    const call = tracing.createFetch(fetch, { propagateTo: (url) => url.pathname === '/mine' })
    await call(`${callee.url}/mine`)
    await call(`${callee.url}/theirs`)
    const broken = tracing.createFetch(fetch, {
      propagateTo: () => {
        throw new Error('broken')
      },
    })
    await broken(`${callee.url}/any`)
    expect(received.map(({ headers }) => headers.traceparent !== undefined)).toEqual([true, false, false])
    await tracing.exported(3)
  })

  it('keeps what else there is on the function', () => {
    expect('preconnect' in tracing.fetch).toBe(runtime === 'bun')
  })

  it('returns the function itself while tracing is off', async () => {
    const off = await createTracing({ env: {} })
    expect(off.createFetch(fetch)).toBe(fetch)
    expect(off.fetch).toBe(fetch)
  })

  it.each([
    [{ path: 'template' }, 'path'],
    [{ propagateTo: true }, 'propagateTo'],
  ])('refuses %j by name', (options, name) => {
    expect(() => tracing.createFetch(fetch, options as unknown as FetchOptions)).toThrow(
      `tracing.createFetch(): "${name}"`,
    )
  })
})
