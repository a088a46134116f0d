import { createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { openDatabase } from './database.ts'

it('a proxy that hangs up before it has spoken is not dialled without end', async () => {
  const dialled: Socket[] = []
  const server = createServer((socket) => {
    dialled.push(socket)
    socket.on('error', () => {})
    socket.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const database = await openDatabase({ url: `postgres://u:p@127.0.0.1:${port}/x`, dataDir: '', poolSize: 4 })
  const started = performance.now()
  const reasons = await Promise.allSettled(Array.from({ length: 8 }, () => database.ping()))
  const elapsed = performance.now() - started
  expect(reasons.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(Array(8).fill('TM-SYS-5030'))
  // Four at once, and four more in each 200 ms.
  expect(dialled.length).toBeGreaterThanOrEqual(4)
  expect(dialled.length).toBeLessThanOrEqual(4 * (2 + Math.ceil(elapsed / 200)))
  await database.close()
  for (const socket of dialled) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
}, 30_000)
