import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey, type Node, startNode } from './support.ts'

describe('protocol', () => {
  let node: Node
  beforeAll(async () => {
    node = await startNode('embedded')
  })
  afterAll(() => node?.stop())

  const key = adminKey
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    node.call('POST', path, { key, body, headers })
  const session = '/sessions/tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'

  it('A36: every answer has a request id; a fit one is adopted', async () => {
    const ask = (id: string) => node.call('GET', '/nothing', { headers: { 'X-Request-ID': id } })
    expect((await ask('abc-1.2_3')).headers.get('x-request-id')).toBe('abc-1.2_3')
    expect((await ask('x'.repeat(128))).headers.get('x-request-id')).toBe('x'.repeat(128))
    for (const bad of ['x'.repeat(129), 'has blank', 'ä', '<b>'])
      expect((await ask(bad)).headers.get('x-request-id')).toMatch(/^req-[A-Za-z0-9_-]{22}$/)
    for (const path of ['/metrics', '/health/live', '/health/ready', '/health', session, '/nothing'])
      expect((await node.call('GET', path, { key })).headers.get('x-request-id')).toMatch(/^req-/)
  })

  it('A70, A76: unknown paths are 404 with every method, known ones with another method 405 with Allow', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      expect(await node.call(method, '/nothing')).toMatchObject({ status: 404, code: 'TM-SYS-4040' })
      expect(await node.call(method, '/admin/v1/nothing')).toMatchObject({ status: 401, code: 'TM-AUTH-4010' })
      expect(await node.call(method, '/admin/v1/nothing', { key })).toMatchObject({ code: 'TM-SYS-4040' })
    }
    for (const path of ['/sessions/', '/health/', '/admin', '/admin/v1x', '/Sessions', '/metrics/'])
      expect([path, (await node.call('GET', path)).code]).toEqual([path, 'TM-SYS-4040'])
    const table: readonly [string, string][] = [
      ['/sessions', 'GET, HEAD, POST'],
      [session, 'GET, HEAD'],
      [`${session}/touch`, 'POST'],
      ['/users/u/sessions/revoke', 'POST'],
      ['/tokens/validate', 'POST'],
      ['/health', 'GET, HEAD'],
      ['/ready', 'GET, HEAD'],
      ['/health/live', 'GET, HEAD'],
      ['/metrics', 'GET, HEAD'],
      ['/admin/v1/keys', 'POST, GET, HEAD'],
    ]
    for (const [path, allow] of table) {
      for (const method of ['PATCH', 'DELETE', 'PUT', 'OPTIONS']) {
        const { status, code, headers } = await node.call(method, path, path.startsWith('/admin') ? { key } : {})
        expect([path, method, status, code, headers.get('allow')]).toEqual([path, method, 405, 'TM-SYS-4050', allow])
      }
    }
    expect((await node.call('GET', '/tokens/validate')).code).toBe('TM-SYS-4050')
    expect((await node.call('HEAD', '/tokens/validate')).status).toBe(405)
  })

  it('answers HEAD like GET, without a body', async () => {
    for (const path of ['/health', '/ready', '/health/live', '/metrics', '/admin/v1/keys', session, '/nothing']) {
      const [head, get] = [await node.call('HEAD', path, { key }), await node.call('GET', path, { key })]
      expect([path, head.status, head.text]).toEqual([path, get.status, ''])
      for (const name of ['content-type', 'x-error-code', 'cache-control'])
        expect([path, name, head.headers.get(name)]).toEqual([path, name, get.headers.get(name)])
      expect(Date.parse(head.headers.get('date') ?? '')).toBeGreaterThan(Date.now() - 10_000)
      // For HEAD the metrics are not written, so their length is not known.
      if (path === '/metrics') continue
      const told = Number(head.headers.get('content-length'))
      // Latencies have more digits or fewer.
      expect([path, Math.abs(told - get.text.length) <= 30]).toEqual([path, true])
    }
  })

  it('A51, A71: bodies are taken strictly', async () => {
    const bytes = (...all: number[]) => new Uint8Array(all)
    const utf8 = (text: string) => new TextEncoder().encode(text)
    const refused: readonly unknown[] = [
      { user_id: 'u', other: 1 },
      '{"user_id":"u","__proto__":{"x":1}}',
      '{"user_id":"u","constructor":{"x":1}}',
      { user_id: 1 },
      { user_id: null },
      { user_id: 'u', data: null },
      { user_id: 'u', data: { a: null } },
      { user_id: 'u', data: ['a'] },
      '{"user_id":"u","data":{"__proto__":{"x":"y"}}}',
      '{"user_id":"u"} x',
      '{"user_id":"u"',
      '[]',
      'null',
      '"u"',
      '1',
      "{'user_id':'u'}",
      '{"user_id":"a\\u0000b"}',
      '{"user_id":"a\\ud800b"}',
      '{"user_id":"u","data":{"a\\u0000":"b"}}',
      '{"user_id":"u","data":{"a":"\\udfff"}}',
      '\ufeff{"user_id":"u"}',
      utf8('[').constructor === Uint8Array ? '['.repeat(200_000) : '',
      bytes(...utf8('{"user_id":"'), 0xff, ...utf8('"}')),
      bytes(...utf8('{"user_id":"'), 0xed, 0xa0, 0x80, ...utf8('"}')),
      bytes(0xef, 0xbb, 0xbf),
    ]
    for (const body of refused)
      expect([String(body).slice(0, 40), (await post('/sessions', body)).code]).toEqual([
        String(body).slice(0, 40),
        'TM-SYS-4000',
      ])
    expect(({} as { x?: number }).x).toBeUndefined()
    const last = await post('/sessions', '{"user_id":null,"user_id":"first","user_id":"second"}')
    expect((await node.call('GET', `/sessions/${last.data.session_id}`, { key })).data.user_id).toBe('second')
  })

  it('takes an empty body, or one of white space only, as {}', async () => {
    for (const body of [undefined, '', ' \r\n\t', '{}', new Uint8Array()]) {
      expect((await post('/sessions', body)).code).toBe('TM-ARG-1002')
      expect((await post('/sessions', body, { 'Content-Type': 'text/plain' })).code).toBe(
        body === '{}' ? 'TM-SYS-4000' : 'TM-ARG-1002',
      )
    }
    expect((await post('/sessions', '\u00a0')).code).toBe('TM-SYS-4000')
  })

  it('takes JSON only, a charset is fine', async () => {
    const send = (type: string) => post('/sessions', '{"user_id":"u"}', { 'Content-Type': type })
    for (const type of [
      'application/json; charset=utf-8',
      'Application/JSON;charset="UTF-8"',
      'application/json ; x=y',
    ])
      expect((await send(type)).status).toBe(201)
    for (const type of [
      'text/plain',
      'application/jsonp',
      'application/x-www-form-urlencoded',
      'application/merge-patch+json',
    ])
      expect((await send(type)).code).toBe('TM-SYS-4000')
    const bare = await raw(
      `POST /sessions HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{"user_id":"u"}`,
    )
    expect(bare).toMatch(/^HTTP\/1.1 201 /)
  })

  it('A76: a body above 1 MB is 413, at 1 MB it is read', async () => {
    const body = (length: number) => `{"user_id":"${'x'.repeat(length - 14)}"}`
    expect((await post('/sessions', body(1024 * 1024))).code).toBe('TM-SESS-4001')
    expect(await post('/sessions', body(1024 * 1024 + 1))).toMatchObject({ status: 413, code: 'TM-SYS-4130' })
    expect((await post('/admin/v1/keys', body(1024 * 1024 + 1))).code).toBe('TM-ADMIN-4130')
    const large = await post('/sessions', body(8 * 1024 * 1024), { 'Content-Type': 'text/plain' })
    expect(large.code).toBe('TM-SYS-4130')
  })

  it('A76: a chunked body is cut off at 1 MB too, and the connection stays in order', async () => {
    const piece = 'x'.repeat(64 * 1024)
    const chunk = `${piece.length.toString(16)}\r\n${piece}\r\n`
    const head = `POST /sessions HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nTransfer-Encoding: chunked\r\n\r\n`
    const next = 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    const answers = await raw(`${head}${chunk.repeat(20)}0\r\n\r\n${next}`)
    expect(answers).toMatch(/^HTTP\/1.1 413 /)
    expect(answers).toContain('TM-SYS-4130')
    expect(answers).toContain('"status":"healthy"')
    const small = `${head}7\r\n{"user_\r\n8\r\nid":"u"}\r\n0\r\n\r\n${next}`
    expect(await raw(small)).toMatch(/^HTTP\/1.1 201 /)
  })

  it('finds errors in the order of the contract', async () => {
    const both = { 'X-Nonce': 'n' }
    const long = 'x'.repeat(1024 * 1024 + 1)
    const text = { 'Content-Type': 'text/plain' }
    const bad = `${session}bad/renew`
    const order: readonly [string, unknown, Record<string, string>, string][] = [
      [bad, long, { ...both, ...text }, 'TM-ARG-1002'],
      [bad, long, text, 'TM-SYS-4130'],
      [bad, 'nonsense', text, 'TM-SYS-4000'],
      [bad, '{"x":1}', {}, 'TM-SYS-4000'],
      [bad, '{}', {}, 'TM-ARG-1002'],
      [bad, '{"ttl_seconds":0}', {}, 'TM-ARG-1001'],
      [`${session}/renew`, '{"ttl_seconds":0}', {}, 'TM-ARG-1001'],
      [`${session}/renew`, '{"ttl_seconds":999999999}', {}, 'TM-SESS-4001'],
      [`${session}/renew`, '{"ttl_seconds":1}', {}, 'TM-SESS-4040'],
    ]
    for (const [path, body, headers, code] of order)
      expect([path, String(body).slice(0, 20), (await post(path, body, headers)).code]).toEqual([
        path,
        String(body).slice(0, 20),
        code,
      ])
    const nobody = await node.call('POST', bad, { body: long, headers: text })
    expect(nobody.code).toBe('TM-AUTH-4010')
    const issuer = await node.newKey('issuer', { rate_limit: 1 })
    expect((await node.call('POST', '/admin/v1/keys', { key: issuer, body: long })).code).toBe('TM-ADMIN-4030')
    await node.call('POST', bad, { key: issuer })
    expect((await node.call('POST', bad, { key: issuer, body: long, headers: both })).code).toBe('TM-SYS-4290')
  })

  it('answers HTTP/1.0 without a Host header, as old load balancers send it, and refuses a malformed Host', async () => {
    const { session_id: id } = (await node.call('POST', '/sessions', { key, body: { user_id: 'old' } })).data
    expect(await raw('GET /health?x=1 HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 .*"status":"healthy"/s)
    expect(await raw('GET /nothing HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 404 .*TM-SYS-4040/s)
    const read = await raw(`GET /sessions/${id} HTTP/1.0\r\nX-API-Key: ${key}\r\n\r\n`)
    expect(read).toMatch(/^HTTP\/1.1 200 .*"ip_address":"127.0.0.1"/s)
    const create = `X-API-Key: ${key}\r\nContent-Length: 17\r\n\r\n{"user_id":"old"}`
    expect(await raw(`POST /sessions HTTP/1.0\r\n${create}`)).toMatch(/^HTTP\/1.1 201 /)
    expect(await raw('GET /health HTTP/1.1\r\nHost: a b<>\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /)
  })

  it('sends no CORS headers, and a Date', async () => {
    const { headers } = await node.call('GET', '/health', { headers: { Origin: 'https://example.com' } })
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now())).toBeLessThan(60_000)
  })

  it('answers a thousand hostile requests with codes of the contract and nothing at 500', async () => {
    const paths = [
      '/sessions',
      '/tokens/validate',
      `${session}/renew`,
      '/admin/v1/keys',
      '/%',
      '/users/%c3%28/sessions/revoke',
      '/\u00e9?a=%zz&b',
    ]
    const bodies = [
      '',
      '{',
      '{"a":1}',
      '{"token":5}',
      '\u0000',
      '{"user_id":{}}',
      '[[]]',
      '{"role":[]}',
      '-',
      '{"ttl_seconds":"\\ud800"}',
    ]
    const methods = ['GET', 'POST', 'PUT', 'PURGE', 'OPTIONS']
    let count = 0
    for (const path of paths)
      for (const body of bodies)
        for (const method of methods)
          for (const credential of [key, 'nonsense', undefined]) {
            const answer = await node.call(
              method,
              encodeURI(decodeURI(path.replace(/%/g, '%25'))).replaceAll('%25', '%'),
              {
                key: credential,
                body: method === 'GET' ? undefined : body,
              },
            )
            expect(answer.status).toBeLessThan(500)
            count++
          }
    expect(count).toBeGreaterThan(1000)
  }, 60_000)

  /** What the service answers to these bytes, until it closes the connection. */
  function raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(node.url).port), '127.0.0.1', () => socket.write(text))
      let answer = ''
      socket.setEncoding('utf8')
      socket.on('data', (chunk) => {
        answer += chunk
      })
      socket.on('close', () => resolve(answer))
      socket.on('error', reject)
    })
  }
})
