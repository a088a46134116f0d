import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PermanentError, RetryAfterError } from '../notifier.ts'
import { type HttpRecorder, httpRecorder } from '../testing/http-recorder.ts'
import { DeliveryError } from './delivery-error.ts'
import { createHttpSender, type Fetch } from './http-sender.ts'

const now = Date.UTC(2026, 5, 1)
let server: HttpRecorder
let other: HttpRecorder

beforeAll(async () => {
  server = await httpRecorder(() => ({ status: 200 }))
  other = await httpRecorder(() => ({ status: 200 }))
})
afterAll(async () => {
  await server.stop()
  await other.stop()
})

/** Sends, and returns what came of it. */
async function send(path = '/', fetch?: Fetch): Promise<unknown> {
  const sender = createHttpSender('it', { now: () => now, ...(fetch ? { fetch } : {}) })
  const headers = { authorization: 'Tsecret' }
  const outgoing = { url: `${server.url}${path}`, headers, body: '{}', signal: AbortSignal.timeout(30_000) }
  return sender(outgoing).then(
    ({ status }) => status,
    (error: unknown) => error,
  )
}

it.each([
  [400, PermanentError],
  [401, PermanentError],
  [403, PermanentError],
  [404, PermanentError],
  [410, PermanentError],
  [413, PermanentError],
  [304, PermanentError],
  [408, DeliveryError],
  [425, DeliveryError],
  [429, DeliveryError],
  [500, DeliveryError],
  [503, DeliveryError],
  [599, DeliveryError],
])('takes an answer of %i for a %o', async (status, kind) => {
  server.answer = () => ({ status })
  const error = await send()
  expect(error).toBeInstanceOf(kind)
  expect((error as Error).message).toBe(`it answered ${status}`)
})

it.each([
  [429, { 'retry-after': '7' }, 7000],
  [503, { 'retry-after': new Date(now + 90_000).toUTCString() }, 90_000],
  [503, { 'retry-after': new Date(now - 90_000).toUTCString() }, 0],
  [429, { 'retry-after': '999999999' }, 3_600_000],
  [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${now / 1000 + 60}` }, 60_000],
  [403, { 'retry-after': '60' }, 60_000],
])('waits as an answer of %i with %j asks', async (status, headers, pause) => {
  server.answer = () => ({ status, headers })
  const error = await send()
  expect(error).toBeInstanceOf(RetryAfterError)
  expect((error as RetryAfterError).retryAfterMs).toBe(pause)
})

it.each([
  [429, { 'retry-after': 'soon' }, DeliveryError],
  [503, { 'retry-after': '-5e' }, DeliveryError],
  [403, { 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '1' }, PermanentError],
  [404, { 'retry-after': '60' }, PermanentError],
])('does not fall for an answer of %i with %j', async (status, headers, kind) => {
  server.answer = () => ({ status, headers: headers as Record<string, string> })
  expect(await send()).toBeInstanceOf(kind)
})

it('goes where the same origin sends it, with the same body, and not round in circles', async () => {
  server.answer = ({ path }) => (path === '/new' ? { status: 202 } : { status: 307, headers: { location: '/new' } })
  expect(await send('/old')).toBe(202)
  expect(server.requests.at(-1)).toMatchObject({ method: 'POST', path: '/new', body: '{}' })
  server.answer = () => ({ status: 308, headers: { location: '/again' } })
  const before = server.requests.length
  expect(await send('/old')).toBeInstanceOf(PermanentError)
  expect(server.requests.length - before).toBe(4)
})

it('hands nothing to another origin', async () => {
  server.answer = () => ({ status: 307, headers: { location: `${other.url}/` } })
  expect(await send('/old')).toBeInstanceOf(PermanentError)
  expect(other.requests).toHaveLength(0)
})

it('tells the code of what went wrong, and nothing that could hold the URL', async () => {
  const error = await send('/Tsecret', () => {
    throw Object.assign(new Error('no way to Tsecret'), { cause: { code: 'ECONNRESET', path: '/Tsecret' } })
  })
  expect(error).toBeInstanceOf(DeliveryError)
  expect((error as Error).message).toBe('it: no answer (ECONNRESET)')
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('Tsecret')
})
