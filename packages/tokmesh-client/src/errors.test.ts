import { inspect } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { httpStatusOf } from '../../../apps/tokmesh/src/domain/errors.ts'
import { clientOf, endScenes, hangUp, key, page, refuse, scene, secret, token } from '../test/faulty-server.ts'
import * as client from './index.ts'
import { hasCode, TokMeshError } from './index.ts'

afterEach(endScenes)

const id = 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
const exported = new Map<string, unknown>(Object.entries(client))
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )

it('has a class of its own for every code of the service', async () => {
  const found: Record<string, string[]> = {}
  for (const [code, status] of Object.entries(httpStatusOf)) {
    const { tokmesh } = await scene([refuse(code, status, {}, { limit: 1 })], { retries: 0 })
    const error = await failureOf(tokmesh.getSession(id))
    if (!(error instanceof TokMeshError)) throw error
    expect(error).toMatchObject({ code, status, requestId: 'req-1', details: { limit: 1 }, message: `told by ${code}` })
    expect(error.constructor).toBe(exported.get(error.name))
    found[error.name] = [...(found[error.name] ?? []), code]
  }
  expect(found).not.toHaveProperty('TokMeshError')
  expect(found).toMatchObject({
    TokenMalformedError: ['TM-TOKN-4000'],
    TokenUnknownError: ['TM-TOKN-4010'],
    TokenExpiredError: ['TM-TOKN-4011'],
    TokenRevokedError: ['TM-TOKN-4012'],
    SessionNotFoundError: ['TM-SESS-4040'],
    SessionExpiredError: ['TM-SESS-4041'],
    QuotaExceededError: ['TM-SESS-4002'],
    RateLimitedError: ['TM-SYS-4290', 'TM-ADMIN-4291'],
  })
})

it('makes a plain TokMeshError of a code that is newer, and guards tell codes apart', async () => {
  const { tokmesh } = await scene([refuse('TM-NEW-4999', 499), refuse('TM-SESS-4040', 404)], { retries: 0 })
  const newer = await failureOf(tokmesh.getSession(id))
  expect(newer).toMatchObject({ name: 'TokMeshError', code: 'TM-NEW-4999' })
  expect(newer instanceof Error && newer.constructor).toBe(TokMeshError)
  const missing = await failureOf(tokmesh.getSession(id))
  expect(hasCode(missing)).toBe(true)
  expect(hasCode(missing, 'TM-SESS-4041', 'TM-SESS-4040')).toBe(true)
  expect(hasCode(missing, 'TM-SESS-4041')).toBe(false)
  expect(hasCode(new Error('TM-SESS-4040'), 'TM-SESS-4040')).toBe(false)
})

it.each([
  ['TM-TOKN-4000', 400, 'malformed'],
  ['TM-TOKN-4010', 401, 'unknown'],
  ['TM-TOKN-4011', 401, 'expired'],
  ['TM-TOKN-4012', 401, 'revoked'],
])('checkToken makes a verdict of %s', async (code, status, reason) => {
  const { tokmesh, asked } = await scene([refuse(code, status, {}, { valid: false })])
  expect(await tokmesh.checkToken(token, { touch: true })).toEqual({ valid: false, reason })
  expect(asked.map(({ body }) => body)).toEqual([JSON.stringify({ token, touch: true })])
})

it('checkToken makes no verdict of anything else', async () => {
  const { tokmesh } = await scene([refuse('TM-SYS-5030', 503)])
  await expect(tokmesh.checkToken(token)).rejects.toBeInstanceOf(client.UnavailableError)
})

it('holds no credential and no token in any error, not even one that a bad service or fetch gives away', async () => {
  const given = `${key} ${token} ${secret}`
  const leaky = async (...[url, init]: Parameters<typeof fetch>): Promise<never> => {
    const cause = Object.assign(new Error(`sent ${given}`), { code: secret, request: { url, ...init } })
    throw Object.assign(new Error(`could not send ${init?.body} ${given}`, { cause }), { name: token, request: init })
  }
  const echo = page(
    400,
    JSON.stringify({ code: 'TM-ARG-1001', message: given, request_id: given, details: { [token]: given } }),
  )
  const scenes = [
    clientOf('http://127.0.0.1:1', { fetch: leaky }),
    clientOf((await hangUp()).url),
    await scene([echo]),
    await scene([page(500, given, given)]),
    await scene([refuse('TM-TOKN-4012', 401)]),
    await scene([() => new Promise<never>(() => {})], { timeoutMs: 60 }),
  ]
  for (const { tokmesh } of scenes) {
    const error = await failureOf(tokmesh.validateToken({ token, touch: true }))
    expect(error).toBeInstanceOf(Error)
    const shown = [inspect(error, { depth: 20, showHidden: true }), String(error), JSON.stringify(error)].join('\n')
    for (const part of [secret, token, secret.slice(5), token.slice(5)]) expect(shown).not.toContain(part)
    expect(inspect(tokmesh, { depth: 20, showHidden: true })).not.toContain(secret)
  }
})

it('names the reason of a connection that can not be made', async () => {
  const { url } = await hangUp()
  await endScenes()
  const error = await failureOf(clientOf(url, { retries: 0 }).tokmesh.health())
  expect(error).toMatchObject({ name: 'NetworkError', code: 'NETWORK' })
  expect(error).toHaveProperty('reason', expect.stringMatching(/^(ECONNREFUSED|ConnectionRefused)$/))
})
