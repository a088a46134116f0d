import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, upgradeWebSocket as upgradeUnderNode } from '@hono/node-server'
import { createObserver, type Exchange, inFlight } from '@honoscope/core'
import { runtime, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import type { UpgradeWebSocket } from 'hono/ws'
import { expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

// Hono's adapter for Bun can't be loaded elsewhere.
const bun = runtime === 'bun' ? await import('hono/bun') : undefined
const upgradeWebSocket: UpgradeWebSocket = bun?.upgradeWebSocket ?? upgradeUnderNode

async function serveSockets(app: Hono): Promise<{ port: number; stop(): Promise<void> }> {
  if (bun) return serve(app.fetch, { websocket: bun.websocket })
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer,
    websocket: { server: new WebSocketServer({ noServer: true }) as never },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, stop: () => new Promise((resolve) => void server.close(() => resolve())) }
}

it('a WebSocket upgrade is one exchange with status 101, which ends with the handshake', async () => {
  const ends: Exchange[] = []
  const requests = inFlight()
  const app = new Hono()
  app.use(createObserver({ app })(requests, { name: 'ends', end: (x) => void ends.push(x) }))
  app.get('/ws/:room', upgradeWebSocket(() => ({ onMessage: (event, ws) => ws.send(`echo ${event.data}`) })) as never)
  const server = await serveSockets(app)

  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws/42`)
  const answer = await new Promise<string>((resolve, reject) => {
    socket.once('open', () => socket.send('hello'))
    socket.once('message', (data) => resolve(String(data)))
    socket.once('error', reject)
  })
  expect(answer).toBe('echo hello')
  expect(ends).toHaveLength(1)
  expect(ends[0]).toMatchObject({ method: 'GET', route: '/ws/:room', status: 101, outcome: 'ok', responseBytes: 0 })
  expect(requests.count).toBe(0)
  await new Promise((resolve) => {
    socket.once('close', resolve)
    socket.close()
  })
  expect(ends).toHaveLength(1)
  await server.stop()
})
