import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { runtime, until } from '@honoscope/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { refuseUnread } from '../http/refusal.ts'
import { type Fetch, type Listener, type ListenOptions, listen } from '../listener.ts'
import { newAuthority, newPair, type Pair, pairFolder } from '../testing/certificates.ts'
import { openHttp2, talk } from '../testing/wire.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const limits = { writeTimeoutMs: 800, lastWriteTimeoutMs: 400, idleTimeoutMs: 60_000 }
// Where the end is awaited the usual limit would come too late to be the reason.
const patient = { ...limits, writeTimeoutMs: 60_000 }
/** More than the system's buffers of both sides together. */
const whole = new Uint8Array(32_000_000)

/** `/whole` is one large piece, `/pieces` have no end; the answers that are not over are counted. */
function createAnswers() {
  const under = { way: 0, begun: 0 }
  const fetch: Fetch = (request, env) => {
    const { outgoing } = env as { outgoing?: { once(event: 'close', listener: () => void): void } }
    under.way++
    under.begun++
    outgoing?.once('close', () => under.way--)
    if (request.url.endsWith('/whole')) return new Response(whole)
    return new Response(new ReadableStream({ pull: (body) => body.enqueue(whole.subarray(0, 65_536)) }))
  }
  return { under, fetch }
}

let authority: Pair
let files: ReturnType<typeof pairFolder>
const listeners: Listener[] = []
beforeAll(async () => {
  authority = await newAuthority('authority')
  files = pairFolder(await newPair('server', authority))
})
afterAll(async () => {
  for (const listener of listeners) await listener.close()
  files.remove()
})

async function start(kind: string, more: Partial<ListenOptions> = {}) {
  const { under, fetch } = createAnswers()
  const tls = { ...files, clientCaFile: undefined, onReload: () => {} }
  const options = { fetch, host: '127.0.0.1', port: 0, refuse: refuseUnread, limits, ...more }
  const listener = await listen({ ...options, ...(kind !== 'plain' && { tls }) })
  listeners.push(listener)
  return { listener, port: listener.port, under }
}

/** A client over HTTP/1.1 that asks and doesn't read. */
function ask(kind: string, port: number, path: string): Promise<Socket> {
  return new Promise((resolve) => {
    const begin = () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
      resolve(socket)
    }
    const to = { port, host: '127.0.0.1' }
    const socket = kind === 'plain' ? connectTcp(to, begin) : connectTls({ ...to, ca: authority.cert }, begin)
    socket.on('error', () => {})
    socket.pause()
  })
}

// Bun's own port has its own time limit, 120 s, which is not worth waiting for.
const kinds = runtime === 'node' ? ['plain', 'tls'] : ['tls']

describe.each(kinds)('an answer that is not read, over HTTP/1.1 on the %s port', (kind) => {
  it.each(['/whole', '/pieces'])(
    'ends its connection, whatever its client sends meanwhile: %s',
    async (path) => {
      const { port, under } = await start(kind)
      const [silent, talkative] = [await ask(kind, port, path), await ask(kind, port, path)]
      const repeat = setInterval(() => talkative.writable && talkative.write('G'), 50)
      await until(() => under.begun === 2)
      expect(under.way).toBe(2)
      await until(() => under.way === 0)
      clearInterval(repeat)
      for (const socket of [silent, talkative]) {
        const closed = new Promise<void>((resolve) =>
          socket.destroyed ? resolve() : socket.once('close', () => resolve()),
        )
        socket.resume()
        await closed
      }
    },
    40_000,
  )

  it('goes on while something of it is taken now and then', async () => {
    const { port, under } = await start(kind)
    const socket = await ask(kind, port, '/pieces')
    socket.on('data', () => {
      socket.pause()
      setTimeout(() => socket.resume(), 2)
    })
    socket.resume()
    await pause(4 * limits.writeTimeoutMs)
    expect(under).toEqual({ way: 1, begun: 1 })
    socket.destroy()
    await until(() => under.way === 0)
  }, 40_000)

  it('does not hold the end', async () => {
    const { port, under, listener } = await start(kind, { limits: patient })
    await ask(kind, port, '/pieces')
    await until(() => under.begun === 1)
    await listener.stopAccepting()
    await until(() => under.way === 0)
  }, 40_000)
})

describe('an answer that is not read, over HTTP/2', () => {
  /** Asks for an answer for which the client gives no room. */
  const open = async (port: number): Promise<ClientHttp2Session> => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, {
      ...{ ca: authority.cert, settings: { initialWindowSize: 0 } },
    })
    session.on('error', () => {})
    session.request({ ':path': '/whole' }).on('error', () => {})
    return session
  }
  const closed = (session: ClientHttp2Session) => new Promise<void>((resolve) => session.once('close', () => resolve()))

  it('ends its connection although pings come', async () => {
    const { port, under } = await start('tls')
    const session = await open(port)
    const ended = closed(session)
    const repeat = setInterval(() => session.destroyed || session.ping(() => {}), 50)
    await until(() => under.begun === 1)
    await ended
    clearInterval(repeat)
    await until(() => under.way === 0)
  }, 40_000)

  it('ends it too when nothing at all is read', async () => {
    const { port, under } = await start('tls')
    const session = await openHttp2(port, { ca: authority.cert })
    for (let i = 0; i < 50; i++) session.request({ ':path': '/pieces' }).on('error', () => {})
    await until(() => under.begun === 50)
    await until(() => under.way === 0)
    session.destroy()
  }, 40_000)

  it('does not hold the end', async () => {
    const { port, under, listener } = await start('tls', { limits: patient })
    const ended = closed(await open(port))
    await until(() => under.begun === 1)
    await listener.stopAccepting()
    await ended
    await until(() => under.way === 0)
  }, 40_000)
})

describe.each(kinds)('the %s port', (kind) => {
  it('takes no more connections than it may', async () => {
    const { port } = await start(kind, { limits: { maxConnections: 2 } })
    const tls = kind === 'plain' ? {} : { tls: { ca: authority.cert } }
    const held = [await ask(kind, port, '/pieces'), await ask(kind, port, '/pieces')]
    const get = 'GET /pieces HTTP/1.1\r\nHost: x\r\n\r\n'
    const third = await talk(get, { port, ...tls, patienceMs: 10_000 })
    expect([third.text, third.end === 'open']).toEqual(['', false])
    held[0]?.destroy()
    let text = ''
    while (text === '') ({ text } = await talk(get, { port, ...tls, until: /HTTP/ }))
    expect(text).toMatch(/^HTTP\/1.1 200 /)
    held[1]?.destroy()
  }, 40_000)

  it('leaves no timer behind at its end', async () => {
    const [begun, ended] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')]
    try {
      const { port, listener } = await start(kind, { limits: { ...limits, headersTimeoutMs: 1500 } })
      // An idle connection is what the end waits for.
      const idle = talk('', { port, patienceMs: 20_000, ...(kind === 'tls' && { tls: { ca: authority.cert } }) })
      await pause(200)
      await listener.stopAccepting()
      await idle
      await pause(100)
      const timers = begun.mock.results.map(({ value }) => value)
      expect(timers.length).toBeGreaterThan(1)
      const cleared = ended.mock.calls.map(([timer]) => timer)
      expect(timers.filter((timer) => !cleared.includes(timer))).toEqual([])
    } finally {
      begun.mockRestore()
      ended.mockRestore()
    }
  }, 40_000)
})
