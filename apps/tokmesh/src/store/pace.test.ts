import { createServer, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { openDatabase } from './database.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A proxy whose server is down: it hangs up at once. */
async function startHangingUp() {
  const dialled: Socket[] = []
  const server = createServer((socket) => {
    dialled.push(socket)
    socket.on('error', () => {})
    socket.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    for (const socket of dialled) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return { dialled, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

const pings = async (url: string, count: number) => {
  const database = await openDatabase({ url, dataDir: '', poolSize: 4 })
  const reasons = await Promise.allSettled(Array.from({ length: count }, () => database.ping()))
  await database.close()
  return reasons.map((each) => each.status === 'rejected' && each.reason.code)
}

it('a proxy that hangs up before it has spoken is not dialled without end', async () => {
  const { dialled, port } = await startHangingUp()
  const started = performance.now()
  expect(await pings(`postgres://u:p@127.0.0.1:${port}/x`, 8)).toEqual(Array(8).fill('TM-SYS-5030'))
  const elapsed = performance.now() - started
  // Four at once, and four more in each 200 ms.
  expect(dialled.length).toBeGreaterThanOrEqual(4)
  expect(dialled.length).toBeLessThanOrEqual(4 * (2 + Math.ceil(elapsed / 200)))
}, 30_000)

it('nor are several that are asked which of them is the primary', async () => {
  const [one, other] = [await startHangingUp(), await startHangingUp()]
  const started = performance.now()
  const codes = await pings(`postgres://u:p@127.0.0.1:${one.port},127.0.0.1:${other.port}/x`, 8)
  const elapsed = performance.now() - started
  expect(codes).toEqual(Array(8).fill('TM-SYS-5030'))
  for (const { dialled } of [one, other]) {
    expect(dialled.length).toBeGreaterThanOrEqual(1)
    // They are asked once in 200 ms.
    expect(dialled.length).toBeLessThanOrEqual(2 + Math.ceil(elapsed / 200))
  }
}, 30_000)
