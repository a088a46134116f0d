import { type Exchange, observe } from '@honoscope/core'
import { type Served, serve } from '@honoscope/testing'
import type { Span, TracerProvider } from '@opentelemetry/api'
import { Hono } from 'hono'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTracing, type Tracing } from './index.ts'

// Whatever OpenTelemetry's side throws, the request, the call and the work go on as if they were not traced.

let served: Served | undefined
let callee: Served
beforeAll(async () => {
  callee = await serve(() => new Response('answer'))
})
afterEach(() => served?.stop())

const broken = (): never => {
  throw new Error('the SDK is broken')
}

const spanMethods = [
  'spanContext',
  'setAttribute',
  'setAttributes',
  'addEvent',
  'setStatus',
  'updateName',
  'end',
  'isRecording',
]

/** A provider whose spans work but for one method; `startSpan` and `getTracer` stand for themselves. */
function brokenProvider(method: string): TracerProvider {
  const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
  const span: Record<string, unknown> = { spanContext: () => context, isRecording: () => true }
  for (const name of spanMethods) span[name] ??= () => span
  for (const name of ['addLink', 'addLinks', 'recordException']) span[name] = broken
  if (method in span) span[method] = broken
  const startSpan = method === 'startSpan' ? broken : () => span as unknown as Span
  return { getTracer: () => ({ startSpan, startActiveSpan: broken }) }
}

async function serveWith(tracing: Tracing): Promise<void> {
  const app = new Hono()
  app.use(observe(tracing.http({ serverTiming: true, requestHeaders: ['x-a'] })))
  app.get('/', async (c) => {
    const text = await tracing.span('work', async () => (await tracing.fetch(callee.url)).text())
    return c.text(text)
  })
  app.get('/fails', () => tracing.span('work', () => Promise.reject(new Error('the app’s own'))))
  app.onError((error, c) => c.text(error.message, 500))
  served = await serve(app.fetch)
}

const ask = async (path: string): Promise<[number, string]> => {
  const response = await fetch(`${served?.url}${path}`, {
    headers: { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` },
  })
  return [response.status, await response.text()]
}

describe.each(['startSpan', ...spanMethods])('an SDK whose %s throws', (method) => {
  it('changes no response', async () => {
    await serveWith(await createTracing({ env: {}, provider: brokenProvider(method) }))
    expect(await ask('/')).toEqual([200, 'answer'])
    expect(await ask('/fails')).toEqual([500, 'the app’s own'])
  })

  it('changes no call and no work', async () => {
    const tracing = await createTracing({ env: {}, provider: brokenProvider(method) })
    const failure = new Error('own')
    expect(await (await tracing.fetch(callee.url)).text()).toBe('answer')
    expect(tracing.span('x', { a: 1 }, () => 42)).toBe(42)
    expect(await tracing.span('x', async () => 42)).toBe(42)
    expect(() =>
      tracing.span('x', () => {
        throw failure
      }),
    ).toThrow(failure)
    await expect(tracing.span('x', () => Promise.reject(failure))).rejects.toBe(failure)
    expect(tracing.tracer.startActiveSpan('x', () => 42)).toBe(42)
    let done = false
    await tracing.detach(() => {
      done = true
    })
    expect(done).toBe(true)
    expect([...tracing.baggage()]).toEqual([])
  })
})

describe('what is handed in', () => {
  const trap = <T extends object>(): T => new Proxy({} as T, { get: broken, ownKeys: broken, getPrototypeOf: broken })

  it('may throw when it is looked at', async () => {
    const tracing = await createTracing({ env: {}, exporter: 'console', write: () => undefined })
    expect(tracing.span('x', trap(), () => 42)).toBe(42)
    const thrown = trap<Error>()
    let caught: unknown
    try {
      tracing.span('x', () => {
        throw thrown
      })
    } catch (error) {
      caught = error
    }
    expect(caught === thrown).toBe(true)
    const calls: unknown[] = []
    const own = tracing.createFetch((async (...args: unknown[]) => {
      calls.push(args)
      return new Response('x')
    }) as typeof fetch)
    const init = {
      get headers(): never {
        return broken()
      },
    }
    await own('http://127.0.0.1/', init)
    expect((calls[0] as unknown[])[1] === init).toBe(true)
  })

  it('may be of any length: 100 KB of tracestate and of baggage take no time', async () => {
    const tracing = await createTracing({ env: {}, exporter: 'console', write: () => undefined })
    const app = new Hono().use(observe(tracing.http())).get('/', async (c) => c.text(`${tracing.baggage().size}`))
    const long = [
      `a=${' '.repeat(100_000)}1`,
      'a=1,'.repeat(25_000),
      `${' \t'.repeat(50_000)}a`,
      ';'.repeat(100_000),
      '%'.repeat(100_000),
    ]
    const traceparent = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`
    const started = performance.now()
    for (const header of long) {
      const response = await app.request('/', { headers: { traceparent, tracestate: header, baggage: header } })
      expect(response.status).toBe(200)
    }
    for (const header of long) {
      const response = await app.request('/', { headers: { traceparent: header } })
      expect(response.headers.get('x-trace-id')).not.toBe('c'.repeat(32))
    }
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('while tracing is off', () => {
  it('everything is there and does nothing of its own', async () => {
    const tracing = await createTracing({ env: {} })
    const seen: Exchange[] = []
    const app = new Hono()
    app.use(observe({ name: 'other', end: (x) => void seen.push(x) }, tracing.http()), tracing.middleware)
    app.get('/', (c) => c.text(String(tracing.context())))
    const response = await app.request('/', { headers: { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` } })
    expect([await response.text(), response.headers.get('x-trace-id'), seen[0]?.span]).toEqual([
      'undefined',
      null,
      undefined,
    ])
    expect(tracing.http()).toEqual({ name: 'tracing' })
  })

  it.each([[{ exceptions: 'message' }, 'exceptions']])('refuses %j by name', async (options, name) => {
    await expect(createTracing({ env: {}, ...(options as object) })).rejects.toThrow(`tracing: ${name}`)
  })
})
