import { connect, type OutgoingHttpHeaders } from 'node:http2'
import { runtime } from '@honoscope/testing'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createBodyReader } from '../http/body.ts'
import type { AppContext, AppEnv } from '../http/env.ts'
import { ok, refuse } from '../http/envelope.ts'
import { asTokMeshError, boundary } from '../http/errors.ts'
import { refuseUnread } from '../http/refusal.ts'
import { listen } from '../listener.ts'
import { newAuthority, newPair, pairFolder } from '../testing/certificates.ts'
import { answersIn, askHttp2, openHttp2, type TalkOptions, talk } from '../testing/wire.ts'

const limits = { headersTimeoutMs: 600, idleTimeoutMs: 900, maxStreams: 10 }
const maxBytes = 100_000

/** An app that reads bodies as the service does, with less patience. */
function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const read = createBodyReader({ maxBytes, timeoutMs: 700, minBytesPerSecond: 1_000_000 })
  app.use(boundary)
  app.onError((error, c) => refuse(c, asTokMeshError(error)))
  app.get('/', (c: AppContext) => ok(c, {}))
  app.post('/', async (c: AppContext) => ok(c, await read(c, z.looseObject({}))))
  app.post('/unread', (c: AppContext) => ok(c, {}))
  return app
}

const ends: (() => unknown)[] = []
const ports: Record<string, TalkOptions> = {}
beforeAll(async () => {
  const authority = await newAuthority('authority')
  const files = pairFolder(await newPair('server', authority))
  const tls = { ...files, clientCaFile: undefined, onReload: () => {} }
  const options = { fetch: createApp().fetch, host: '127.0.0.1', port: 0, refuse: refuseUnread, limits }
  const [plain, secure] = [await listen(options), await listen({ ...options, tls })]
  ends.push(files.remove, plain.close, secure.close)
  ports.plain = { port: plain.port }
  ports.tls = { port: secure.port, tls: { ca: authority.cert } }
})
afterAll(async () => {
  for (const end of ends) await end()
})

describe.each(['plain', 'tls'])('slow clients on the %s port', (kind) => {
  // Bun's own port: 10 s for the first headers and 120 s for all else, neither of which can be set or is worth waiting for.
  const ownLimits = runtime === 'node' || kind === 'tls'
  const say = (text: string, more: Partial<TalkOptions> = {}) => {
    const port = ports[kind]
    if (!port) throw new Error('not open')
    // Far beyond the limits of this test, which are about 1 s: the machine may be slow.
    return talk(text, { ...port, patienceMs: 20_000, ...more })
  }
  const piece = (text: string, everyMs = 50) => ({ dribble: { text, everyMs } })
  const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

  it('cuts those that say nothing, stop in the headers, or send them a byte or a line at a time', async () => {
    const slow = [
      say(''),
      say('GET / HTTP/1.1\r\nHo'),
      say('GET / HTTP/1.1\r\nX: ', piece('a')),
      say('GET / HTTP/1.1\r\n', piece('a: b\r\n', 200)),
    ]
    for (const { end, text } of await Promise.all(slow)) {
      expect(end).not.toBe('open')
      if (ownLimits) expect(answersIn(text).map(({ code }) => code)).toEqual(['TM-SYS-4000'])
    }
  }, 30_000)

  it.skipIf(!ownLimits)(
    'cuts one that is slow with a later request, or asks nothing more (not Bun: 120 s)',
    async () => {
      const dribbled = await say(`${get}GET / HTTP/1.1\r\nX: `, piece('a'))
      expect([dribbled.end === 'open', answersIn(dribbled.text)[0]?.status]).toEqual([false, 200])
      const idle = await say(get)
      expect([idle.end, answersIn(idle.text).length]).toEqual(['closed', 1])
      expect(idle.tookMs).toBeGreaterThan(600)
    },
    30_000,
  )

  it.each([
    ['stops in its body', 'Content-Length: 1000\r\n\r\n{"a', {}],
    ['sends its body a byte at a time', 'Content-Length: 1000\r\n\r\n{"a', piece('a')],
    ['sends chunks a byte at a time', 'Transfer-Encoding: chunked\r\n\r\n', piece('1\r\na\r\n')],
    ['is below the least rate', `Content-Length: ${maxBytes}\r\n\r\n`, piece('a'.repeat(1000), 50)],
  ])(
    'refuses one that %s, and ends the connection',
    async (_, rest, more) => {
      const { text, end, tookMs } = await say(`POST / HTTP/1.1\r\nHost: x\r\n${rest}`, more)
      const answers = answersIn(text)
      expect([end === 'open', answers.length, answers[0]?.status, answers[0]?.code]).toEqual([
        false,
        1,
        400,
        'TM-SYS-4000',
      ])
      expect(answers[0]?.headers.connection).toBe('close')
      expect(tookMs).toBeGreaterThan(600)
    },
    30_000,
  )

  it('has patience with one that needs less time than there is', async () => {
    const body = '{"a":"b"}'
    const head = `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length + 5}\r\n\r\n`
    const { text } = await say(head + body, piece(' ', 20))
    expect(answersIn(text)[0]?.status).toBe(200)
  })

  it.each(['POST /unread', 'GET /'])(
    'does not wait for a body that nobody reads: %s',
    async (target) => {
      const { text, end } = await say(`${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`, {
        ...piece('a'),
        ...(!ownLimits && { until: /\r\n\r\n\{/ }),
      })
      expect(answersIn(text)[0]?.status).toBe(200)
      if (ownLimits) expect(end).not.toBe('open')
    },
    30_000,
  )
})

describe('HTTP/2', () => {
  const open = () => openHttp2(ports.tls?.port ?? 0, ports.tls?.tls ?? {})

  it('cuts connections on which nothing is asked', async () => {
    const session = await open()
    expect((await askHttp2(session, 'GET', '/')).status).toBe(200)
    const startedAt = performance.now()
    await new Promise<void>((resolve) => session.once('close', () => resolve()))
    expect(performance.now() - startedAt).toBeLessThan(20_000)
  }, 30_000)

  it('refuses slow bodies', async () => {
    const session = await open()
    const stream = session.request({ ':method': 'POST', ':path': '/', 'content-length': '1000' })
    const repeat = setInterval(() => stream.writable && stream.write('a'), 50)
    stream.on('error', () => {})
    const status = await new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status'])))
    clearInterval(repeat)
    expect(status).toBe(400)
    session.destroy()
  })

  it('says how many requests it takes at once, and how large their headers may be', async () => {
    const session = await open()
    // They come a moment after the connection; until then the protocol's defaults stand there.
    while (session.remoteSettings?.maxConcurrentStreams !== 10) await new Promise((resolve) => setTimeout(resolve, 10))
    // Four times what is taken: what is over the limit gets an answer then, and not only a reset.
    expect(session.remoteSettings).toMatchObject({ maxConcurrentStreams: 10, maxHeaderListSize: 64 * 1024 })
    session.destroy()
  })

  it.each([
    ['300 headers', Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x${i}`, '1']))],
    ['headers of 100 kB', { a: 'x'.repeat(50_000), b: 'x'.repeat(50_000) }],
  ])('refuses %s', async (_, headers) => {
    const session = connect(`https://127.0.0.1:${ports.tls?.port}`, { ...ports.tls?.tls, settings: {} })
    session.on('error', () => {})
    const status = await askHttp2(session, 'GET', '/', { headers }).then(
      (answer) => answer.status,
      () => 'refused',
    )
    expect(status).not.toBe(200)
    session.destroy()
    // The port goes on.
    const other = await open()
    expect((await askHttp2(other, 'GET', '/')).status).toBe(200)
    other.destroy()
  })

  it('survives a client that cancels ten thousand requests at once', async () => {
    const session = await open()
    for (let i = 0; i < 10_000 && !session.destroyed && !session.closed; i++) {
      const stream = session.request({ ':path': '/' })
      stream.on('error', () => {})
      stream.close(8)
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    session.destroy()
    const other = await open()
    expect((await askHttp2(other, 'GET', '/')).status).toBe(200)
    other.destroy()
  }, 60_000)

  it('does no CONNECT, and takes no address that is none', async () => {
    const session = await open()
    const connected = session.request({ ':method': 'CONNECT', ':authority': 'a.example:80' })
    connected.on('error', () => {})
    const headers: OutgoingHttpHeaders = await new Promise((resolve) => connected.once('response', resolve))
    expect([headers[':status'], headers.allow]).toEqual([405, 'GET, HEAD, POST'])
    expect(await askHttp2(session, 'GET', '/\\x')).toMatchObject({ status: 400, code: 'TM-ARG-1001' })
    session.destroy()
  })
})
