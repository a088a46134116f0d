import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HttpRecorder, httpRecorder } from '../testing/http-recorder.ts'
import { messageOf, resolvedOf, startedAt } from '../testing/messages.ts'
import { webhook } from './webhook.ts'
import { keysOf, signatureOf } from './webhook-signature.ts'

const key = Buffer.alloc(32, 'k')
const secret = `whsec_${key.toString('base64')}`
let server: HttpRecorder
beforeAll(async () => {
  server = await httpRecorder(() => ({ status: 200 }))
})
afterAll(() => server.stop())

it('signs as the specification of Standard Webhooks shows it', () => {
  // The example of the specification's own libraries.
  const keys = keysOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  expect(signatureOf(keys, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}')).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  )
})

it('posts the message with an id that stays, and signs what it posts', async () => {
  let now = Date.UTC(2026, 5, 1, 10, 31)
  const notifier = webhook({ url: server.url, headers: { 'x-team': 'web' }, secret: [secret, secret], now: () => now })
  await notifier.send(messageOf(), { number: 1, signal: AbortSignal.timeout(5000) })
  now += 60_000
  await notifier.send(messageOf(), { number: 2, signal: AbortSignal.timeout(5000) })
  const [first, second] = server.requests.slice(-2)
  expect(first?.headers).toMatchObject({ 'webhook-id': 'message-1', 'idempotency-key': 'message-1', 'x-team': 'web' })
  expect(second?.headers['webhook-id']).toBe('message-1')
  expect(second?.headers['webhook-timestamp']).toBe(`${now / 1000}`)
  expect(second?.body).toBe(first?.body)
  const signed = createHmac('sha256', key)
    .update(`message-1.${now / 1000}.${second?.body}`)
    .digest('base64')
  expect(second?.headers['webhook-signature']).toBe(`v1,${signed} v1,${signed}`)
})

it('says what happened, and when', async () => {
  const notifier = webhook({ url: server.url })
  await notifier.send(resolvedOf(messageOf()), { number: 1, signal: AbortSignal.timeout(5000) })
  const request = server.requests.at(-1)
  expect(request?.headers['webhook-signature']).toBeUndefined()
  expect(JSON.parse(request?.body ?? '')).toEqual({
    type: 'alerts.resolved',
    timestamp: new Date(startedAt + 60_000).toISOString(),
    data: JSON.parse(JSON.stringify(resolvedOf(messageOf()))),
  })
})

it.each([
  [{ secret: 'Tsecret' }, 'webhook: secret'],
  [{ secret: [] }, 'webhook: secret'],
  [{ secret: `whsec_${Buffer.alloc(23, 'Tsecret').toString('base64')}` }, 'webhook: secret'],
  [{ headers: { 'Webhook-Id': 'Tsecret' } }, 'webhook: headers must not have webhook-id'],
  [{ headers: { 'x y': 'Tsecret' } }, 'webhook: headers'],
  [{ headers: { 'x-key': 'Tsecret\r\nx: y' } }, 'webhook: headers[x-key]'],
  [{ headers: { 'x-key': 'Tsecret😀' } }, 'webhook: headers[x-key]'],
])('throws at once for %j, without the value', (options, named) => {
  const make = () => webhook({ url: 'https://example.com', ...options })
  expect(make).toThrow(TypeError)
  expect(make).toThrow(named)
  expect(make).not.toThrow('Tsecret')
})
