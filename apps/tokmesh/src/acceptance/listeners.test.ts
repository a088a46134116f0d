import { runtime } from '@honoscope/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { httpStatusOf } from '../domain/errors.ts'
import { refuseUnread } from '../http/refusal.ts'
import { type Listener, listen } from '../listener.ts'
import { newAuthority, newPair, pairFolder } from '../testing/certificates.ts'
import { answersIn, askHttp2, openHttp2, type TalkOptions, talk, type WireAnswer } from '../testing/wire.ts'
import { adminKey as key, type Node, startNode } from './support.ts'

const kinds = ['plain', 'tls'] as const
type PortKind = (typeof kinds)[number]

/** The service on both kinds of port. */
describe('both ports', () => {
  let node: Node
  const ports: Partial<Record<PortKind, TalkOptions>> = {}
  const ends: (() => unknown)[] = []
  beforeAll(async () => {
    node = await startNode('embedded')
    const authority = await newAuthority('authority')
    const files = pairFolder(await newPair('server', authority))
    const tls = { ...files, clientCaFile: undefined, onReload: node.service.telemetry.onTlsReload }
    const { fetch } = node.service.app
    const listener: Listener = await listen({ fetch, host: '127.0.0.1', port: 0, refuse: refuseUnread, tls })
    ends.push(() => listener.close(), files.remove)
    ports.plain = { port: Number(new URL(node.url).port) }
    ports.tls = { port: listener.port, tls: { ca: authority.cert } }
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await node?.stop()
  })

  const at = (kind: PortKind): TalkOptions => {
    const port = ports[kind]
    if (!port) throw new Error('not open')
    return port
  }
  const say = (kind: PortKind, text: string, more: Partial<TalkOptions> = {}) => talk(text, { ...at(kind), ...more })
  /** The answers to bytes that end in a request with `Connection: close`, or in a refusal. */
  const ask = async (kind: PortKind, text: string) => answersIn((await say(kind, text)).text)

  it('A72: the same fault has the same code on the plain port, on the one with TLS, and over HTTP/2', async () => {
    const session = await openHttp2(at('tls').port, at('tls').tls ?? {})
    const json = (body: unknown) => ({ body: typeof body === 'string' ? body : JSON.stringify(body) })
    const long = 'x'.repeat(1024 * 1024 + 1)
    const some = '/sessions/tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
    const faults: readonly [string, string, { key?: string | null; body?: string; type?: string }, string][] = [
      ['GET', '/nothing', {}, 'TM-SYS-4040'],
      ['DELETE', '/sessions', {}, 'TM-SYS-4050'],
      ['GET', some, { key: null }, 'TM-AUTH-4010'],
      ['GET', some, { key: 'nonsense' }, 'TM-AUTH-4010'],
      ['GET', some, { key: `${key.slice(0, -3)}xyz` }, 'TM-AUTH-4011'],
      ['GET', some, {}, 'TM-SESS-4040'],
      ['GET', '/sessions/bad', {}, 'TM-ARG-1001'],
      ['POST', '/sessions', json('{'), 'TM-SYS-4000'],
      ['POST', '/sessions', { ...json({ user_id: 'u' }), type: 'text/plain' }, 'TM-SYS-4000'],
      ['POST', '/sessions', json({}), 'TM-ARG-1002'],
      ['POST', '/sessions', json({ user_id: 'x'.repeat(129) }), 'TM-SESS-4001'],
      ['POST', '/sessions', json(long), 'TM-SYS-4130'],
      ['POST', '/admin/v1/keys', json(long), 'TM-ADMIN-4130'],
      ['POST', '/admin/v1/keys', json({ role: 'king' }), 'TM-ARG-1001'],
      ['POST', '/tokens/validate', json({ token: 'short' }), 'TM-TOKN-4000'],
      ['POST', '/tokens/validate', json({ token: `tmtk_${'a'.repeat(43)}` }), 'TM-TOKN-4010'],
      ['GET', '/admin/v1/nothing', { key: null }, 'TM-AUTH-4010'],
    ]
    for (const [method, path, { key: credential = key, body, type = 'application/json' }, code] of faults) {
      const headers = { ...(credential && { 'x-api-key': credential }), ...(body && { 'content-type': type }) }
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
      const length = body === undefined ? '' : `content-length: ${body.length}\r\n`
      const text = `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${lines.join('')}${length}\r\n${body ?? ''}`
      const answers = [
        (await ask('plain', text))[0],
        (await ask('tls', text))[0],
        await askHttp2(session, method, path, { headers, ...(body && { body }) }),
      ]
      const expected = Array(3).fill([httpStatusOf[code as keyof typeof httpStatusOf], code])
      expect([method, path, answers.map((a) => [a?.status, a?.code])]).toEqual([method, path, expected])
      for (const answer of answers) expectHardened(answer)
    }
    session.destroy()
  })

  it('knows the address of the client on each, and what was written there is there', async () => {
    const session = await openHttp2(at('tls').port, at('tls').tls ?? {})
    const made = await askHttp2(session, 'POST', '/sessions', {
      headers: { 'x-api-key': key, 'user-agent': 'two' },
      body: '{"user_id":"h2"}',
    })
    const { session_id: id } = JSON.parse(made.body).data
    for (const kind of kinds) {
      const [answer] = await ask(kind, get(`/sessions/${id}`, `X-API-Key: ${key}\r\nConnection: close\r\n`))
      expect(JSON.parse(answer?.body ?? '').data).toMatchObject({ ip_address: '127.0.0.1', user_agent: 'two' })
    }
    session.destroy()
  })

  it('refuses HTTP/2 headers above 16 KiB or 100 fields as HTTP/1.1 ones, and goes on with the connection', async () => {
    const session = await openHttp2(at('tls').port, at('tls').tls ?? {})
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`x-${n}`, 'v']))
    for (const headers of [{ 'x-long': 'x'.repeat(17_000) }, { 'x-long': 'x'.repeat(40_000) }, many]) {
      const answer = await askHttp2(session, 'GET', '/health', { headers })
      expect([answer.status, answer.code]).toEqual([400, 'TM-SYS-4000'])
    }
    expect((await askHttp2(session, 'GET', '/health', { headers: { 'x-fine': 'x'.repeat(12_000) } })).status).toBe(200)
    session.destroy()
  })

  it('puts headers for browsers on every answer, Strict-Transport-Security over TLS alone', async () => {
    const paths = [
      '/health',
      '/ready',
      '/health/live',
      '/health/ready',
      '/health/startup',
      '/metrics',
      '/nothing',
      '/admin/v1/keys',
    ]
    for (const kind of kinds)
      for (const credential of ['', `X-API-Key: ${key}\r\n`])
        for (const path of paths) {
          const [answer] = await ask(kind, get(path, `${credential}Connection: close\r\n`))
          expect([path, answer?.headers['strict-transport-security']]).toEqual([
            path,
            kind === 'tls' ? 'max-age=31536000' : undefined,
          ])
          expectHardened(answer)
        }
    const [forged] = await ask('plain', get('/health', 'X-Forwarded-Proto: https\r\nConnection: close\r\n'))
    expect(forged?.headers['strict-transport-security']).toBeUndefined()
    for (const path of ['/health', '/nothing', '/metrics', '/docs']) {
      const [claimed] = await ask('plain', last(`https://x.example${path}`))
      expect([path, claimed?.headers['strict-transport-security']]).toEqual([path, undefined])
      const [denied] = await ask('tls', last(`http://x.example${path}`))
      expect([path, denied?.headers['strict-transport-security']]).toEqual([path, 'max-age=31536000'])
    }
  })

  describe.each(kinds)('the %s port', (kind) => {
    // Bun's own parser answers for itself: a bare status, or the end of the connection.
    const enveloped = runtime === 'node' || kind === 'tls'
    const framing = 'TM-SYS-4000'
    const chunked = 'Transfer-Encoding: chunked\r\n'
    const next = get('/smuggled')
    const post = (headers: string, body = '') => `POST /nothing HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`

    it.each<[string, string, string]>([
      ['a method that is no HTTP', 'get /health HTTP/1.1\r\nHost: x\r\n\r\n', 'TM-SYS-4050'],
      ['an unknown method', 'FOO /health HTTP/1.1\r\nHost: x\r\n\r\n', 'TM-SYS-4050'],
      ['no HTTP at all', '\x16\x03\x01hello\r\n\r\n', framing],
      ['TLS inside', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', framing],
      ['headers of 20 kB', get('/health', `X: ${'a'.repeat(20_000)}\r\n`), framing],
      ['a path of 100 kB', get(`/sessions/${'a'.repeat(100_000)}`), framing],
      ['400 headers', get('/health', Array.from({ length: 400 }, (_, i) => `x${i}: 1\r\n`).join('')), framing],
      ['a NUL in a header', get('/health', 'X: a\x00b\r\n'), framing],
      ['a blank in the name of a header', get('/health', 'X Y: a\r\n'), framing],
      ['a header that is folded', get('/health', 'X: a\r\n b\r\n'), framing],
      ['a NUL in the path', 'GET /a\x00b HTTP/1.1\r\nHost: x\r\n\r\n', framing],
      ['a blank in the path', 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n', framing],
      ['no Host', 'GET /health HTTP/1.1\r\n\r\n', framing],
      ['another version of HTTP', 'GET /health HTTP/2.0\r\nHost: x\r\n\r\n', framing],
      ['the version of long ago', 'GET /health\r\n\r\n', framing],
      ['the preface of HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'\x00'.repeat(9)}`, framing],
      ['lines that end in LF', 'GET /health HTTP/1.1\nHost: x\n\n', framing],
      ['an asterisk for a path', 'GET * HTTP/1.1\r\nHost: x\r\n\r\n', 'TM-ARG-1001'],
      // Two ways to find the end of a body are how a second request is smuggled in.
      ['two lengths', post('Content-Length: 3\r\nContent-Length: 5\r\n', `abcde${next}`), framing],
      ['a list of lengths', post('Content-Length: 3, 3\r\n', `abc${next}`), framing],
      ['a length and chunks', post(`Content-Length: 6\r\n${chunked}`, `0\r\n\r\n${next}`), framing],
      ['chunks twice', post('Transfer-Encoding: chunked, chunked\r\n', `0\r\n\r\n${next}`), framing],
      ['another transfer coding', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), framing],
      ['identity', post('Transfer-Encoding: identity\r\n', next), framing],
      ['nearly chunks', post('Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n', `abc${next}`), framing],
      ['chunks with a blank', post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${next}`), framing],
      [
        'chunks in a folded header',
        post('Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n', `abc${next}`),
        framing,
      ],
      ['a negative length', post('Content-Length: -1\r\n'), framing],
      ['a length in hex', post('Content-Length: 0x10\r\n', 'a'.repeat(16)), framing],
      ['a length with a sign', post('Content-Length: +3\r\n', 'abc'), framing],
      ['a length of 1e20', post('Content-Length: 1e20\r\n'), framing],
      ['a length beyond all bounds', post('Content-Length: 100000000000000000000\r\n'), framing],
      ['no length', post('Content-Length:\r\n'), framing],
    ])('refuses %s once, and ends the connection', async (_, text, code) => {
      const { text: all, end } = await say(kind, text)
      const answers = answersIn(all)
      expect(end).not.toBe('open')
      expect(all).not.toMatch(/smuggled|TM-SYS-4040/)
      if (!enveloped) {
        expect(all).toMatch(/^(HTTP\/1.1 (400|431|505) |$)/)
        return
      }
      expect(answers.map((answer) => [answer.status, answer.code])).toEqual([
        [code === 'TM-SYS-4050' ? 405 : 400, code],
      ])
      const [answer] = answers
      expect(answer?.headers.allow).toBe(code === 'TM-SYS-4050' ? 'GET, HEAD, POST' : undefined)
      expect(JSON.parse(answer?.body ?? '')).toEqual({
        ...{ code, message: expect.any(String), timestamp: expect.any(Number) },
        request_id: answer?.headers['x-request-id'],
      })
      expectHardened(answer)
    })

    it('refuses chunks that are none, after their request began', async () => {
      for (const broken of [
        'ZZ\r\nabc\r\n',
        '-1\r\nx\r\n',
        'FFFFFFFFFFFFFFFFF\r\nx\r\n',
        '1\nx\n0\n\n',
        '1\r\nxyz\r\n',
      ]) {
        const { text, end } = await say(
          kind,
          `POST /sessions HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\n${chunked}\r\n${broken}${next}`,
        )
        expect([broken, end]).not.toEqual([broken, 'open'])
        expect(text).not.toMatch(/smuggled|TM-SYS-4040/)
        if (enveloped) expect(answersIn(text).map((answer) => answer.code)).toEqual([framing])
      }
    })

    it.skipIf(!enveloped)('refuses two Hosts (not Bun: the first counts)', async () => {
      const { text, end } = await say(kind, 'GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n')
      expect([answersIn(text).map((answer) => answer.code), end]).toEqual([[framing], 'closed'])
    })

    it('does no CONNECT', async () => {
      const { text } = await say(kind, 'CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\n', {
        patienceMs: 1000,
      })
      const [answer] = answersIn(text)
      expect([answer?.status, answer?.headers.allow]).toEqual(enveloped ? [405, 'GET, HEAD, POST'] : [404, undefined])
    })

    it('takes a request for an upgrade to HTTP/2 or to a WebSocket as HTTP/1.1', async () => {
      for (const upgrade of ['h2c', 'websocket']) {
        const headers = `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${upgrade}\r\nHTTP2-Settings: AAMAAABkAAQAoAAA\r\n`
        const { text, end } = await say(kind, get('/health', headers) + last('/nothing'))
        expect(text).toMatch(/^HTTP\/1.1 200 /)
        expect(end).toBe('closed')
      }
    })

    it('waits with 100-continue, and passes over an expectation that it does not know', async () => {
      const create = (expectation: string) =>
        `POST /sessions HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nConnection: close\r\nExpect: ${expectation}\r\nContent-Length: 15\r\n\r\n{"user_id":"u"}`
      const { text } = await say(kind, create('100-continue'))
      expect(text).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 /)
      expect((await ask(kind, create('bananas')))[0]?.status).toBe(201)
    })

    it('takes a whole URL for a path', async () => {
      expect((await ask(kind, last('http://x.example/health?a=1')))[0]?.status).toBe(200)
      expect((await ask(kind, last('http://x.example/nothing')))[0]?.code).toBe('TM-SYS-4040')
    })

    it('answers requests that come in one go in their order', async () => {
      const paths = ['/health', '/nothing', '/health/live', '/sessions/bad']
      const answers = await ask(kind, paths.map((path) => get(path)).join('') + last('/ready'))
      expect(answers.map(({ status, code }) => [status, code])).toEqual([
        [200, ''],
        [404, 'TM-SYS-4040'],
        [200, ''],
        [401, 'TM-AUTH-4010'],
        [200, ''],
      ])
      // What is broken behind a good one is refused after it.
      const [first, second, ...more] = await ask(kind, `${get('/health')}\x00\r\n\r\n`)
      expect([first?.status, more.length]).toEqual([200, 0])
      if (enveloped) expect(second?.code).toBe(framing)
    })

    it('speaks HTTP/1.0, and ends the connection after it or keeps it, as asked', async () => {
      const plain = await say(kind, 'GET /health HTTP/1.0\r\n\r\n')
      expect([answersIn(plain.text)[0]?.status, plain.end]).toEqual([200, 'closed'])
      const kept = await say(kind, 'GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', { patienceMs: 500 })
      // Node keeps it when the length is known, Bun doesn't: both are right.
      expect(answersIn(kept.text)[0]?.status).toBe(200)
    })

    it('finds its way through what looks like a path or a prototype', async () => {
      const hostile: readonly [string, string][] = [
        ['/sessions/..%2f..%2fetc', 'TM-ARG-1001'],
        ['/sessions/%2e%2e', 'TM-SYS-4050 TM-ARG-1001 TM-SYS-4040 TM-ARG-1003'],
        ['/sessions/%00', 'TM-ARG-1001'],
        ['/sessions/%c0%af', 'TM-ARG-1001'],
        ['/sessions/%ff', 'TM-ARG-1001'],
        ['/sessions/__proto__', 'TM-ARG-1001'],
        ['/sessions/constructor', 'TM-ARG-1001'],
        [`/sessions/${'a'.repeat(10_000)}`, 'TM-ARG-1001'],
        ['/../../etc/passwd', 'TM-SYS-4040'],
        ['//example.com/health', 'TM-SYS-4040'],
        ['/admin/v1/keys?__proto__=1&constructor=2&prototype[x]=3', ''],
        ['/admin/v1/keys?page=__proto__', 'TM-ARG-1001'],
        ['/sessions?user_id=%ff', 'TM-ARG-1001'],
        ['/sessions?user_id=%00', 'TM-ARG-1001'],
        ['/sessions?__proto__[a]=1', ''],
      ]
      for (const [path, codes] of hostile) {
        const [answer] = await ask(kind, get(path, `X-API-Key: ${key}\r\nConnection: close\r\n`))
        expect([path, codes.split(' ').includes(answer?.code ?? 'none')]).toEqual([path, true])
        expect(answer?.status).toBeLessThan(500)
      }
      const names = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString']
      const body = `{"user_id":"__proto__","data":{${names.map((name) => `"${name}":"v"`).join(',')}}}`
      const [made] = await ask(kind, create(body))
      expect(made?.status).toBe(201)
      const { session_id: id } = JSON.parse(made?.body ?? '').data
      const [read] = await ask(kind, get(`/sessions/${id}`, `X-API-Key: ${key}\r\nConnection: close\r\n`))
      expect(read?.body).toContain('"__proto__":"v"')
      expect(Object.keys(JSON.parse(read?.body ?? '').data.data).sort()).toEqual([...names].sort())
      expect(Object.hasOwn(Object.prototype, 'v')).toBe(false)
    })

    it('keeps a User-Agent that is no UTF-8 as valid text, and no body that is none', async () => {
      const [made] = await ask(kind, create('{"user_id":"u"}', 'User-Agent: caf\xe9 \x80\xff \xc3\xa9\r\n'))
      const { session_id: id } = JSON.parse(made?.body ?? '').data
      const { data } = await node.call('GET', `/sessions/${id}`, { key })
      expect(data.user_agent).toMatch(/^caf/)
      expect(data.user_agent.isWellFormed()).toBe(true)
      for (const bad of ['\xff', '\xc0\xaf', '\xed\xa0\x80', '\xf8\x88\x80\x80\x80'])
        expect((await ask(kind, create(`{"user_id":"${bad}"}`)))[0]?.code).toBe('TM-SYS-4000')
    })

    it('takes no body in another encoding', async () => {
      for (const encoding of ['gzip', 'br', 'gzip, identity', 'x'])
        expect((await ask(kind, create('{"user_id":"u"}', `Content-Encoding: ${encoding}\r\n`)))[0]?.code).toBe(
          'TM-SYS-4000',
        )
      expect((await ask(kind, create('{"user_id":"u"}', 'Content-Encoding: Identity\r\n')))[0]?.status).toBe(201)
    })

    it('A76: answers a body that is too long although the client goes on, and does not listen for long', async () => {
      const dribble = { text: 'x'.repeat(100_000), everyMs: 5 }
      for (const length of ['Content-Length: 100000000\r\n', 'Content-Length: 1048577\r\n']) {
        const head = `POST /sessions HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\n${length}\r\n`
        const { text, end, tookMs } = await say(kind, head, { dribble, patienceMs: 10_000 })
        expect([answersIn(text)[0]?.code, end === 'open', tookMs < 9000]).toEqual(['TM-SYS-4130', false, true])
      }
      const piece = 'x'.repeat(100_000)
      const pieces = { text: `${piece.length.toString(16)}\r\n${piece}\r\n`, everyMs: 5 }
      const head = `POST /sessions HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\n${chunked}\r\n`
      const { text, end } = await say(kind, head, { dribble: pieces, patienceMs: 10_000 })
      expect([answersIn(text)[0]?.code, end === 'open']).toEqual(['TM-SYS-4130', false])
    }, 60_000)

    const create = (body: string, headers = '') =>
      `POST /sessions HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nConnection: close\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`
  })
})

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`
const last = (path: string) => get(path, 'Connection: close\r\n')

function expectHardened(answer: WireAnswer | undefined): void {
  expect(answer?.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
  expect(answer?.headers).not.toHaveProperty('server')
  expect(answer?.headers).not.toHaveProperty('x-powered-by')
}
