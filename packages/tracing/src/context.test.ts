import { EventEmitter } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, upgradeWebSocket as upgradeUnderNode } from '@hono/node-server'
import { currentScope, observe, runInScope } from '@honoscope/core'
import { runtime, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { stream, streamSSE } from 'hono/streaming'
import type { UpgradeWebSocket } from 'hono/ws'
import { beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createTracingWithSink, type TracingWithSink } from '../../../tests/support/span-sink.ts'

// What each runtime does with the current span where code is called back. docs/tracing.md tells the same.

let tracing: TracingWithSink
beforeEach(async () => {
  tracing = await createTracingWithSink()
})

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const here = (): string => tracing.context()?.traceId ?? 'none'

/** Runs `handler` in a request, and returns what it noted next to the request's trace id. */
async function inRequest(handler: (note: () => void) => unknown): Promise<[noted: string[], traceId: string]> {
  const noted: string[] = []
  const app = new Hono().use(observe(tracing.http())).get('/', async (c) => {
    await handler(() => noted.push(here()))
    return c.text('x')
  })
  const server = await serve(app.fetch)
  const response = await fetch(server.url)
  await response.text()
  await wait(50)
  await server.stop()
  return [noted, response.headers.get('x-trace-id') ?? '']
}

describe('the current span is carried', () => {
  const carriers: readonly (readonly [name: string, handler: (note: () => void) => unknown])[] = [
    [
      'over an await',
      async (note) => {
        await wait(5)
        note()
      },
    ],
    [
      'into a timer',
      (note) => {
        setTimeout(note, 10)
      },
    ],
    [
      'into an interval',
      (note) => {
        const timer = setInterval(() => {
          clearInterval(timer)
          note()
        }, 5)
      },
    ],
    ['into a microtask', (note) => queueMicrotask(note)],
    [
      'into setImmediate',
      (note) => {
        setImmediate(note)
      },
    ],
    [
      'into a promise that is not waited for',
      (note) => {
        void wait(10).then(note)
      },
    ],
    [
      'into a listener that is called at once',
      (note) => {
        const emitter = new EventEmitter()
        emitter.on('x', note)
        emitter.emit('x')
      },
    ],
    [
      'over a fetch',
      async (note) => {
        await fetch('data:,x').then((r) => r.text())
        note()
      },
    ],
  ]
  it.each(carriers)('%s', async (_, handler) => {
    const [noted, traceId] = await inRequest(handler)
    expect(traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(noted).toEqual([traceId])
  })

  it('not into a listener that somebody else calls, but with its scope', async () => {
    const emitter = new EventEmitter()
    const [noted, traceId] = await inRequest((note) => {
      const scope = currentScope()
      emitter.once('bare', note)
      emitter.once('bound', () => (scope ? runInScope(scope, note) : note()))
      runInScope({ exchange: undefined, span: undefined }, () =>
        setTimeout(() => emitter.emit('bare') && emitter.emit('bound'), 5),
      )
    })
    expect(noted).toEqual(['none', traceId])
  })

  it.each(['stream', 'sse'])(
    'into the callback of %s, and spans there are children of the open server span',
    async (kind) => {
      const noted: string[] = []
      const app = new Hono().use(observe(tracing.http())).get('/', (c) => {
        const send = async (write: () => Promise<unknown>): Promise<void> => {
          for (let i = 0; i < 3; i++) {
            await wait(5)
            noted.push(here())
            await tracing.span('event', write)
          }
        }
        return kind === 'sse'
          ? streamSSE(c, (out) => send(() => out.writeSSE({ data: 'x' })))
          : stream(c, (out) => send(() => out.write('x')))
      })
      const server = await serve(app.fetch)
      const response = await fetch(server.url)
      const traceId = response.headers.get('x-trace-id') ?? ''
      await response.text()
      expect(noted).toEqual([traceId, traceId, traceId])
      const spans = await tracing.exported(4)
      expect(spans.map(({ name }) => name)).toEqual(['event', 'event', 'event', 'GET /'])
      expect(spans[0]?.parentSpanContext?.spanId).toBe(spans[3]?.spanContext().spanId)
      await server.stop()
    },
  )
})

// Hono's adapter for Bun can't be loaded elsewhere.
const bun = runtime === 'bun' ? await import('hono/bun') : undefined
const upgradeWebSocket: UpgradeWebSocket = bun?.upgradeWebSocket ?? upgradeUnderNode

async function serveSockets(app: Hono): Promise<{ port: number; stop(): Promise<void> }> {
  if (bun) return serve(app.fetch, { websocket: bun.websocket })
  const websocket = { server: new WebSocketServer({ noServer: true }) as never }
  const server = createAdaptorServer({ fetch: app.fetch, createServer, websocket })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, stop: () => new Promise((resolve) => void server.close(() => resolve())) }
}

describe('a WebSocket', () => {
  it('has the span of its handshake when it opens, and for its messages by the scope that was kept alone', async () => {
    const noted: Record<string, boolean> = {}
    let traceId = ''
    const app = new Hono().use(observe(tracing.http())).get(
      '/ws',
      upgradeWebSocket(() => {
        traceId = here()
        const scope = currentScope()
        return {
          onOpen: () => {
            noted.open = here() === traceId
          },
          onMessage: (_, ws) => {
            noted.message = here() === traceId
            noted.kept = scope !== undefined && runInScope(scope, here) === traceId
            tracing.span('message', () => ws.send('x'))
          },
        }
      }) as never,
    )
    const server = await serveSockets(app)
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`)
    await new Promise((resolve) => {
      socket.once('open', () => socket.send('hello'))
      socket.once('message', resolve)
    })
    await new Promise((resolve) => {
      socket.once('close', resolve)
      socket.close()
    })
    expect(traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(noted).toEqual({ open: true, message: false, kept: true })
    await server.stop()
  })
})
