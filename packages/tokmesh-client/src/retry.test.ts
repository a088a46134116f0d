import { afterEach, describe, expect, it } from 'vitest'
import { clientOf, endScenes, hangUp, ok, page, refuse, scene } from '../test/faulty-server.ts'
import {
  ConflictError,
  NetworkError,
  RateLimitedError,
  ServerFaultError,
  TimeoutError,
  type TokMeshClient,
  UnavailableError,
  UnexpectedAnswerError,
} from './index.ts'

afterEach(endScenes)

const id = 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'

/** Every write, and whether it may be carried out twice: the contract's section 4.0, column "Idempotent". */
const writes: readonly (readonly [string, boolean, (tokmesh: TokMeshClient) => Promise<unknown>])[] = [
  ['createSession', false, (tokmesh) => tokmesh.createSession({ user_id: 'u' })],
  ['touchSession', true, (tokmesh) => tokmesh.touchSession(id)],
  ['renewSession', false, (tokmesh) => tokmesh.renewSession(id, { ttl_seconds: 1 })],
  ['revokeSession', true, (tokmesh) => tokmesh.revokeSession(id)],
  ['revokeUserSessions', true, (tokmesh) => tokmesh.revokeUserSessions('u')],
  ['validateToken', true, (tokmesh) => tokmesh.validateToken({ token: 't' })],
  ['createKey', false, (tokmesh) => tokmesh.createKey({ role: 'issuer' })],
  ['setKeyStatus', true, (tokmesh) => tokmesh.setKeyStatus('tmak-1', { status: 'active' })],
  ['rotateKey', false, (tokmesh) => tokmesh.rotateKey('tmak-1')],
  ['triggerGc', false, (tokmesh) => tokmesh.triggerGc()],
]

describe.each(writes)('%s (may be repeated: %s)', (_, repeated, call) => {
  const attempts = repeated ? 4 : 1

  it('after a connection that broke', async () => {
    const { url, count } = await hangUp()
    await expect(call(clientOf(url).tokmesh)).rejects.toBeInstanceOf(NetworkError)
    expect(count()).toBe(attempts)
  })

  it('after an attempt that took too long', async () => {
    let sent = 0
    const fetch = () => {
      sent += 1
      return new Promise<never>(() => {})
    }
    const { tokmesh } = clientOf('http://127.0.0.1:1', { fetch, attemptTimeoutMs: 20 })
    await expect(call(tokmesh)).rejects.toBeInstanceOf(TimeoutError)
    expect(sent).toBe(attempts)
  })

  it('after a gateway’s page', async () => {
    const { tokmesh, asked, pauses } = await scene([page(502)])
    await expect(call(tokmesh)).rejects.toBeInstanceOf(UnexpectedAnswerError)
    expect(asked).toHaveLength(attempts)
    expect(pauses).toEqual(repeated ? [100, 200, 400] : [])
  })

  it('after TM-SYS-5030', async () => {
    const { tokmesh, asked } = await scene([refuse('TM-SYS-5030', 503)])
    await expect(call(tokmesh)).rejects.toBeInstanceOf(UnavailableError)
    expect(asked).toHaveLength(attempts)
  })

  it('whatever it is, after what was refused before it was carried out', async () => {
    const { tokmesh, asked, pauses } = await scene([
      refuse('TM-SYS-4290', 429, { 'Retry-After': '1' }),
      refuse('TM-SESS-4091', 409, { 'Retry-After': '1' }),
      refuse('TM-SYS-5000', 500),
      ok({ done: true }),
    ])
    expect(await call(tokmesh)).toEqual({ done: true })
    expect(asked).toHaveLength(4)
    expect(pauses).toEqual([1000, 2000, 300])
  })
})

it('tries a read again after anything that may pass', async () => {
  for (const fault of [page(503), page(504), refuse('TM-SYS-5030', 503), refuse('TM-SYS-5000', 500)]) {
    const { tokmesh, asked } = await scene([fault, ok({ id })])
    expect(await tokmesh.getSession(id)).toEqual({ id })
    expect(asked).toHaveLength(2)
  }
})

it.each([
  ['TM-SESS-4091', 409, ConflictError, [1000, 2000, 4000], { 'Retry-After': '1' }],
  ['TM-SYS-5000', 500, ServerFaultError, [100, 200, 300], {}],
] as const)(
  '%s is tried again three times, however many more are allowed',
  async (code, status, kind, waits, headers) => {
    const { tokmesh, asked, pauses } = await scene([refuse(code, status, headers)], { retries: 10, timeoutMs: 60_000 })
    await expect(tokmesh.renewSession(id, { ttl_seconds: 1 })).rejects.toBeInstanceOf(kind)
    expect([asked.length, pauses]).toEqual([4, waits])
  },
)

it.each([
  ['TM-AUTH-4011', 401],
  ['TM-SESS-4040', 404],
  ['TM-SESS-4041', 404],
  ['TM-TOKN-4012', 401],
  ['TM-ARG-1001', 400],
  ['TM-SESS-4002', 429],
  ['TM-ADMIN-4291', 429],
  ['TM-AUTH-4014', 401],
  ['TM-SYS-5001', 500],
  ['TM-ADMIN-5031', 503],
  ['TM-NEWER-4999', 499],
])('%s is not tried again, even if a hint is there', async (code, status) => {
  const { tokmesh, asked } = await scene([refuse(code, status, { 'Retry-After': '1' })])
  await expect(tokmesh.getSession(id)).rejects.toMatchObject({ code })
  await expect(tokmesh.revokeSession(id)).rejects.toMatchObject({ code, retryAfterSeconds: 1 })
  expect(asked).toHaveLength(2)
})

it('does not wait longer than it may for a rate', async () => {
  const { tokmesh, asked, pauses } = await scene([refuse('TM-SYS-4290', 429, { 'Retry-After': '4' })], {
    maxRetryAfterMs: 3999,
  })
  await expect(tokmesh.getSession(id)).rejects.toBeInstanceOf(RateLimitedError)
  expect([asked.length, pauses]).toEqual([1, []])
})

it('says at once what is known when there is no time for another attempt', async () => {
  const late = refuse('TM-SYS-4290', 429, { 'Retry-After': '61' })
  const { tokmesh, asked, pauses } = await scene([late], { timeoutMs: 60_000, maxRetryAfterMs: 100_000 })
  await expect(tokmesh.getSession(id)).rejects.toBeInstanceOf(RateLimitedError)
  expect([asked.length, pauses]).toEqual([1, []])
})

it('spreads its pauses upwards, by a quarter at the most', async () => {
  const { tokmesh, pauses } = await scene([page(502)], { random: () => 1 })
  await expect(tokmesh.getSession(id)).rejects.toBeInstanceOf(UnexpectedAnswerError)
  expect(pauses).toEqual([125, 250, 500])
})

it('repeats a create after a connection that was never made, and any call that its caller calls harmless', async () => {
  const closed = await hangUp()
  await endScenes()
  const refused = clientOf(closed.url)
  await expect(refused.tokmesh.createSession({ user_id: 'u' })).rejects.toBeInstanceOf(NetworkError)
  expect(refused.pauses).toHaveLength(3)
  const { url, count } = await hangUp()
  const { tokmesh } = clientOf(url)
  await expect(tokmesh.createSession({ user_id: 'u' }, { mayRepeat: true })).rejects.toBeInstanceOf(NetworkError)
  expect(count()).toBe(4)
  await expect(tokmesh.revokeSession(id, {}, { mayRepeat: false })).rejects.toBeInstanceOf(NetworkError)
  expect(count()).toBe(5)
})

it('leaves a revoke alone that is committed and only not confirmed', async () => {
  const details = { committed: true, confirmed: 1, required: 2 }
  const { tokmesh, asked } = await scene([refuse('TM-SYS-5030', 503, {}, details)])
  await expect(tokmesh.revokeSession(id, { sync: true })).rejects.toMatchObject({ details })
  expect(asked).toHaveLength(1)
})

it('tries nothing again with retries: 0', async () => {
  const { tokmesh, asked } = await scene([page(502)], { retries: 0 })
  await expect(tokmesh.getSession(id)).rejects.toBeInstanceOf(UnexpectedAnswerError)
  expect(asked).toHaveLength(1)
})

it('sends new anti-replay headers with each attempt of a write, and none with a read', async () => {
  let now = 1_000
  const options = { antiReplay: true, now: () => (now += 7) }
  const { tokmesh, asked } = await scene([page(502), page(502), ok()], options)
  await tokmesh.revokeSession(id)
  await tokmesh.listKeys()
  const sent = asked.map(({ headers }) => [headers.get('x-timestamp'), headers.get('x-nonce')])
  expect(sent.map(([at]) => at)).toEqual(['1007', '1014', '1021', null])
  const nonces = sent.slice(0, 3).map(([, nonce]) => nonce)
  for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/)
  expect(new Set(nonces).size).toBe(3)
  expect(sent[3]?.[1]).toBe(null)
})
