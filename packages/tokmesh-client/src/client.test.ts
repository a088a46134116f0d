import { afterEach, describe, expect, it } from 'vitest'
import {
  clientOf,
  dribble,
  endScenes,
  hang,
  key,
  ok,
  page,
  type Reply,
  scene,
  secret,
  token,
} from '../test/faulty-server.ts'
import { createTokMeshClient, TimeoutError, type TokMeshClientOptions, UnexpectedAnswerError } from './index.ts'

afterEach(endScenes)

const id = 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'

describe('what is sent', () => {
  it('is the method, the path, the query and the body of the operation, with the key', async () => {
    const { tokmesh, asked } = await scene([ok()])
    await tokmesh.createSession({ user_id: 'u', device_id: undefined, data: { a: 'ü' } })
    await tokmesh.searchSessions({ user_id: 'a&b', page: 2, fields: ['id', 'user_id'] })
    await tokmesh.touchSession(id, { fields: ['data'] })
    await tokmesh.revokeUserSessions('a/b ?#%ü', { sync: true })
    await tokmesh.rotateKey('tmak-1')
    await tokmesh.health()
    expect(asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/sessions', '{"user_id":"u","data":{"a":"ü"}}'],
      ['GET', '/sessions?user_id=a%26b&page=2&fields=id%2Cuser_id', ''],
      ['POST', `/sessions/${id}/touch?fields=data`, ''],
      ['POST', '/users/a%2Fb%20%3F%23%25%C3%BC/sessions/revoke', '{"sync":true}'],
      ['POST', '/admin/v1/keys/tmak-1/rotate', ''],
      ['GET', '/health', ''],
    ])
    for (const { headers } of asked) expect(headers.get('authorization')).toBe(`Bearer ${key}`)
    expect(asked.map(({ headers }) => headers.get('content-type')?.split(';')[0] ?? '')).toEqual([
      'application/json',
      '',
      '',
      'application/json',
      '',
      '',
    ])
    expect(asked[0]?.headers.get('user-agent')).toBe('tokmesh-client')
    expect(asked[0]?.headers.has('x-nonce')).toBe(false)
  })

  it('keeps the path of the address', async () => {
    const { url, asked } = await scene([ok()])
    await clientOf(`${url}/tokmesh/`).tokmesh.getSession(id)
    await clientOf(` ${url}/tokmesh `).tokmesh.getSession(id)
    expect(asked.map(({ path }) => path)).toEqual(Array(2).fill(`/tokmesh/sessions/${id}`))
  })

  it.each(['', '.', '..', '\ud800'])('never a path that leads elsewhere: %j', async (user) => {
    const { tokmesh, asked } = await scene([ok()])
    await expect(tokmesh.revokeUserSessions(user)).rejects.toThrow(/^user_id has to be a text/)
    expect(asked).toEqual([])
  })

  it('carries the end user, the request id and the trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { tokmesh, asked } = await scene([ok()], {
      userAgent: 'shop/1',
      headers: { 'x-team': 'checkout', authorization: 'Basic x' },
      traceparent: () => traceparent,
      tracestate: () => 'a=1',
    })
    const client = { ip: '2001:db8::7', userAgent: 'Mozilla/5.0 (日本)\r\nX-Evil: 1' }
    await tokmesh.createSession({ user_id: 'u' }, { client, requestId: 'req.42', traceparent: `${traceparent}` })
    await tokmesh.getSession(id, { traceparent: 'nonsense', tracestate: 'b=2' })
    const [first, second] = asked.map(({ headers }) => Object.fromEntries(headers))
    expect(first).toMatchObject({
      'x-forwarded-for': '2001:db8::7',
      'user-agent': 'Mozilla/5.0 (??)??X-Evil: 1',
      'x-request-id': 'req.42',
      'x-team': 'checkout',
      authorization: `Bearer ${key}`,
      traceparent,
      tracestate: 'a=1',
    })
    expect(second).toMatchObject({ 'user-agent': 'shop/1' })
    for (const name of ['traceparent', 'tracestate', 'x-forwarded-for']) expect(second).not.toHaveProperty(name)
  })

  it('goes out although the source of the trace fails', async () => {
    const broken = () => {
      throw new Error('no tracer')
    }
    const { tokmesh, asked } = await scene([ok()], { traceparent: broken })
    await tokmesh.getSession(id)
    expect(asked[0]?.headers.has('traceparent')).toBe(false)
  })

  it('asks for the key before each attempt', async () => {
    const keys = [key, key.replace(/za:/, 'zb:')]
    const { tokmesh, asked } = await scene([page(502), ok()], { key: async () => keys.shift() ?? '' })
    await tokmesh.getSession(id)
    expect(asked.map(({ headers }) => headers.get('authorization')?.slice(0, 38))).toEqual([
      'Bearer tmak-01hzzzzzzzzzzzzzzzzzzzzzza',
      'Bearer tmak-01hzzzzzzzzzzzzzzzzzzzzzzb',
    ])
    await expect(tokmesh.getSession(id)).rejects.toThrow(/^createTokMeshClient: key has to be/)
  })

  it.each([
    ['client.ip', { client: { ip: 'localhost' } }],
    ['requestId', { requestId: 'a b' }],
    ['getSession: timeoutMs', { timeoutMs: 0 }],
  ])('is refused here when %s is wrong', async (name, options) => {
    const { tokmesh, asked } = await scene([ok()])
    await expect(tokmesh.getSession(id, options)).rejects.toThrow(`${name} has to be`)
    expect(asked).toEqual([])
  })
})

describe('time', () => {
  it.each([
    ['no answer', hang],
    ['a body that never ends', dribble],
  ])('is over with %s', async (_, reply) => {
    const { tokmesh, asked } = await scene([reply], { timeoutMs: 500 })
    const started = performance.now()
    const error = await tokmesh.getSession(id).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 500 })
    expect(performance.now() - started).toBeLessThan(2500)
    expect(asked).toHaveLength(1)
  })

  it('is over for a fetch that does not look at its signal, and for a key that never comes', async () => {
    const never = () => new Promise<never>(() => {})
    for (const stuck of [{ fetch: never }, { key: never }] as Partial<TokMeshClientOptions>[]) {
      const { tokmesh } = clientOf('http://127.0.0.1:1', { ...stuck, timeoutMs: 80 })
      await expect(tokmesh.getSession(id)).rejects.toBeInstanceOf(TimeoutError)
    }
  })

  it('is left for another attempt when one hangs', async () => {
    const { tokmesh, asked } = await scene([hang, dribble, ok({ id })], { attemptTimeoutMs: 500 })
    expect(await tokmesh.getSession(id)).toEqual({ id })
    expect(asked).toHaveLength(3)
  })

  it('ends with the caller’s signal: before, during an attempt and during a pause', async () => {
    const reason = new Error('gone')
    const early = await scene([ok()])
    await expect(early.tokmesh.getSession(id, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(early.asked).toEqual([])

    const during = new AbortController()
    const hanging = await scene([hang])
    setTimeout(() => during.abort(reason), 500)
    await expect(hanging.tokmesh.getSession(id, { signal: during.signal })).rejects.toBe(reason)
    expect(hanging.asked).toHaveLength(1)

    const between = new AbortController()
    const { url, asked } = await scene([page(502)])
    const patient = createTokMeshClient({ url, key, random: () => 200, timeoutMs: 60_000 })
    setTimeout(() => between.abort(reason), 500)
    await expect(patient.getSession(id, { signal: between.signal })).rejects.toBe(reason)
    expect(asked).toHaveLength(1)
  })

  it('ends with a signal that is aborted while the request is made', async () => {
    const controller = new AbortController()
    const reason = new Error('gone')
    const fetch = () => {
      controller.abort(reason)
      return new Promise<never>(() => {})
    }
    const { tokmesh } = clientOf('http://127.0.0.1:1', { fetch })
    await expect(tokmesh.getSession(id, { signal: controller.signal })).rejects.toBe(reason)
  }, 2000)

  it('leaves no timer behind, which would keep a process alive', async () => {
    const { setTimeout: set, clearTimeout: clear } = globalThis
    const ours = new Set<unknown>()
    globalThis.setTimeout = Object.assign((...[run, ms]: Parameters<typeof set>) => {
      const timer = set(run, ms)
      if (ms === 7777 || ms === 6666) ours.add(timer)
      return timer
    }, set)
    globalThis.clearTimeout = (timer) => {
      ours.delete(timer)
      clear(timer)
    }
    let most = 0
    const replies = [page(502), ok(), page(404)].map(
      (reply): Reply =>
        (...given) => {
          most = Math.max(most, ours.size)
          return reply(...given)
        },
    )
    try {
      const { tokmesh } = await scene(replies, { timeoutMs: 7777, attemptTimeoutMs: 6666 })
      await tokmesh.getSession(id)
      await expect(tokmesh.getSession(id)).rejects.toBeInstanceOf(UnexpectedAnswerError)
      expect([most, ours.size]).toEqual([2, 0])
    } finally {
      Object.assign(globalThis, { setTimeout: set, clearTimeout: clear })
    }
  })

  it('leaves no listener on a signal that lives on', async () => {
    const { signal } = new AbortController()
    let listeners = 0
    const { addEventListener: add, removeEventListener: remove } = signal
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      listeners += 1
      add.apply(signal, given)
    }
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      listeners -= 1
      remove.apply(signal, given)
    }
    const { tokmesh } = await scene([page(502), ok()])
    await tokmesh.getSession(id, { signal })
    await tokmesh.getSession(id, { signal })
    expect(listeners).toBe(0)
  })
})

describe('answers that are none of TokMesh', () => {
  it.each([
    ['a proxy’s page', page(502), 502, 'text/html'],
    ['a page with 200', page(200), 200, 'text/html'],
    ['nothing', page(200, '', ''), 200, ''],
    ['other JSON', page(200, '{"ok":true}', 'application/json'), 200, 'application/json'],
    ['JSON that is no object', page(500, '[1]', 'application/json'), 500, 'application/json'],
    ['half of an envelope', page(200, '{"code":"OK","data":{"tok', 'application/json'), 200, 'application/json'],
    [
      'success with an error’s status',
      page(500, '{"code":"OK","data":{}}', 'application/json'),
      500,
      'application/json',
    ],
    [
      'an error with success’s status',
      page(200, '{"code":"TM-SYS-5000"}', 'application/json'),
      200,
      'application/json',
    ],
  ] as const)('%s', async (_, reply, status, mediaType) => {
    const { tokmesh } = await scene([reply], { retries: 0 })
    const error = await tokmesh.getSession(id).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UnexpectedAnswerError)
    expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER', status, mediaType })
  })

  it('redirections, which would carry tokens away', async () => {
    const elsewhere = await scene([ok()])
    const away = () => new Response(null, { status: 307, headers: { location: `${elsewhere.url}/sessions` } })
    const { tokmesh } = await scene([away])
    await expect(tokmesh.createSession({ user_id: 'u' })).rejects.toMatchObject({ status: 307 })
    expect(elsewhere.asked).toEqual([])
  })
})

describe('setup', () => {
  it.each([
    ['url', { url: 'tokmesh.internal' }],
    ['url', { url: 'ftp://127.0.0.1' }],
    ['url', { url: 'http://user:pass@127.0.0.1' }],
    ['url', { url: 'http://127.0.0.1/?key=pass@' }],
    ['url', { url: 'http://127.0.0.1/?' }],
    ['url', { url: 'http://127.0.0.1/#pass@' }],
    ['key', { key: `${key}\n` }],
    ['key', { key: token }],
    ['key', { key: key.slice(0, -4) }],
    ['key', { key: `${key}aaaaaa` }],
    ['headers', { headers: { authorization: `Basic ${secret}\n1` } }],
    ['headers', { headers: { authorization: `Basic ${secret}日` } }],
    ['headers', { headers: { [`x ${secret}`]: '1' } }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['attemptTimeoutMs', { attemptTimeoutMs: -1 }],
    ['retries', { retries: 11 }],
    ['retries', { retries: 1.5 }],
    ['maxRetryAfterMs', { maxRetryAfterMs: -1 }],
  ])('throws at once for a wrong %s, and shows no secret: %#', (name, wrong) => {
    const make = () => createTokMeshClient({ url: 'http://127.0.0.1', key, ...wrong })
    expect(make).toThrow(new RegExp(`^createTokMeshClient: ${name} `))
    expect(make).not.toThrow(secret)
    expect(make).not.toThrow('pass@')
  })

  it.each([40, 43, 48])('takes a key whose secret has %i characters, as the service does', async (length) => {
    const ofLength = `tmak-01hzzzzzzzzzzzzzzzzzzzzzza:tmas_${'k'.repeat(length)}`
    const { tokmesh, asked } = await scene([ok()], { key: ofLength })
    await tokmesh.health()
    expect(asked[0]?.headers.get('authorization')).toBe(`Bearer ${ofLength}`)
  })
})

it('walks over all pages, and stops where its caller does', async () => {
  const items = Array.from({ length: 5 }, (_, index) => ({ id: `s${index}` }))
  const { tokmesh, asked } = await scene([
    ({ path }) => {
      const page = Number(new URLSearchParams(path.split('?')[1]).get('page'))
      const data = { items: items.slice(2 * page - 2, 2 * page), total_items: 5, page, size: 2 }
      return Response.json({ code: 'OK', data })
    },
  ])
  const met: string[] = []
  for await (const session of tokmesh.eachSession({ user_id: 'u', size: 2, fields: ['id'] })) met.push(session.id)
  expect(met).toEqual(['s0', 's1', 's2', 's3', 's4'])
  expect(asked.map(({ path }) => path)).toEqual([1, 2, 3].map((n) => `/sessions?user_id=u&size=2&fields=id&page=${n}`))
  for await (const _ of tokmesh.eachSession({ size: 2 })) break
  expect(asked).toHaveLength(4)
})
