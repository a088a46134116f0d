import { fakeCatalogue, until } from '@honoscope/testing'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { alertWebhook } from '../alert-webhook.ts'
import { PermanentError } from '../notifier.ts'
import type { AlertWebhookOptions } from '../options.ts'
import { memoryStore } from '../store/memory.ts'
import type { AlertStore } from '../store/store.ts'
import { deliver, payload, post, token, wireAlert } from '../testing/payload.ts'
import { sink } from '../testing/sink.ts'

const make = (options: Partial<AlertWebhookOptions> = {}) =>
  alertWebhook({ auth: token, notifiers: { pager: sink() }, routes: [{ notifiers: ['pager'] }], ...options })

describe('the route for deliveries', () => {
  const cases: readonly [name: string, init: RequestInit, status: number, detail: string, result: string][] = [
    ['no token', post({}, { authorization: '' }), 401, 'A bearer token is needed.', 'unauthorized'],
    ['a wrong one', post({}, { authorization: `Bearer ${token}x` }), 401, 'is not valid', 'unauthorized'],
    ['another type', post({}, { 'content-type': 'text/plain' }), 415, 'application/json', 'unsupported'],
    ['no JSON', post('{'), 400, 'The body must be JSON.', 'invalid'],
    ['another shape', post({ version: '3' }), 400, 'version must be "4".', 'invalid'],
    ['a long body', post(payload([wireAlert('x'.repeat(3_000))])), 413, 'larger than 2000 bytes', 'too_large'],
  ]
  for (const [name, init, status, detail, result] of cases) {
    it(`refuses ${name} with ${status}, and counts it`, async () => {
      const metrics = fakeCatalogue()
      const receiver = make({ metrics, limits: { bodyBytes: 2_000 } })
      const answer = await receiver.request('/', init)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
      expect((await answer.json()).detail).toContain(detail)
      expect(await metrics.value('alert_deliveries_total', result)).toBe(1)
      await receiver.close()
    })
  }

  it('lets both tokens pass while one is changed for another, or who the middleware lets pass', async () => {
    const two = make({ auth: ['the-token-of-before', token] })
    expect((await deliver(two, [])).status).toBe(200)
    const own = make({ auth: (c, next) => (c.req.query('key') === '1' ? next() : Promise.resolve(c.text('no', 403))) })
    expect((await own.request('/?key=1', post(payload([])))).status).toBe(200)
    expect((await own.request('/status')).status).toBe(403)
    await Promise.all([two.close(), own.close()])
  })

  it('answers 503 with Retry-After while the store is down, slow or full, and takes the same delivery later', async () => {
    let state: 'down' | 'slow' | 'up' = 'down'
    const store = memoryStore()
    const faults: unknown[] = []
    const pager = sink()
    const receiver = make({
      notifiers: { pager },
      limits: { storeTimeoutMs: 50 },
      sending: { pollMs: 20 },
      onFault: ({ hook }) => faults.push(hook),
      store: {
        ...store,
        receive(...args) {
          if (state === 'down') throw new Error('connection refused')
          return state === 'slow' ? new Promise(() => {}) : store.receive(...args)
        },
      },
    })
    for (state of ['down', 'slow'] as const) {
      const answer = await deliver(receiver, [wireAlert('a')])
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    }
    expect(faults).toEqual(['store', 'store'])
    state = 'up'
    expect((await deliver(receiver, [wireAlert('a')])).status).toBe(200)
    await until(() => pager.told.length === 1)
    await receiver.close()
    expect((await deliver(receiver, [wireAlert('b')])).status).toBe(503)
    expect(pager.told).toEqual(['a firing'])
  })

  it('takes no error of the store for a fault of the delivery', async () => {
    // As a store throws it that reads JSON itself.
    const store = { ...memoryStore(), receive: () => Promise.reject(new SyntaxError('Unexpected token')) }
    const receiver = make({ store })
    expect((await deliver(receiver, [wireAlert('a')])).status).toBe(503)
    await receiver.close()
  })

  it('asks what is too much at once to come again', async () => {
    let go = () => {}
    const wait = new Promise<void>((resolve) => {
      go = resolve
    })
    const store = memoryStore()
    const slow = {
      ...store,
      receive: (...args: Parameters<typeof store.receive>) => wait.then(() => store.receive(...args)),
    }
    const receiver = make({ store: slow, limits: { deliveries: 2 } })
    const first = [deliver(receiver, [wireAlert('a')]), deliver(receiver, [wireAlert('b')])]
    expect((await deliver(receiver, [wireAlert('c')])).status).toBe(503)
    go()
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200])
    await receiver.close()
  })
})

describe('the routes for the one on call', () => {
  it('show and revive what nobody took, and who does not answer', async () => {
    let refuses = true
    const pager = sink(() => {
      if (refuses) throw new PermanentError('no such channel')
    })
    const memory = memoryStore()
    const store: AlertStore = {
      ...memory,
      // As PostgreSQL does.
      revive: (id, nowMs) => (id.includes('\0') ? Promise.reject(new Error('0x00')) : memory.revive(id, nowMs)),
    }
    const receiver = make({ notifiers: { pager }, store })
    const app = new Hono().route('/alerts', receiver)
    const ask = async (path: string, method = 'GET') => {
      const answer = await app.request(`/alerts${path}`, { method, headers: { authorization: `Bearer ${token}` } })
      return { status: answer.status, body: await answer.json() }
    }
    await deliver(app, [wireAlert('a')], '/alerts')
    await until(async () => (await ask('/status')).body.dead === 1)
    const { deadLetters } = (await ask('/dead-letters')).body
    expect(deadLetters).toMatchObject([{ notifier: 'pager', error: 'PermanentError: no such channel', attempts: 1 }])
    refuses = false
    expect((await ask(`/dead-letters/${deadLetters[0].message.id}/revive`, 'POST')).status).toBe(200)
    expect((await ask(`/dead-letters/${deadLetters[0].message.id}/revive`, 'POST')).status).toBe(404)
    await until(() => pager.told.length === 1)
    await until(async () => (await ask('/status')).body.waiting === 0)
    expect((await ask('/status')).body).toEqual({
      ...{ waiting: 0, dead: 0, oldestWaitingSeconds: 0 },
      notifiers: [{ name: 'pager', kind: 'sink', sending: 0, failures: 0 }],
    })
    expect((await ask('/dead-letters/%00/revive', 'POST')).status).toBe(404)
    expect((await ask('/dead-letters?limit=0')).status).toBe(400)
    for (const path of ['/status', '/dead-letters', '/remediations']) {
      expect((await app.request(`/alerts${path}`)).status).toBe(401)
    }
    await receiver.close()
  })
})

describe('the options', () => {
  const when = { alertname: 'DiskFull' }
  const run = async () => ''
  const wrong: readonly [name: string, options: object, sentence: string][] = [
    ['no auth', { auth: undefined }, 'auth must be a bearer token'],
    ['a short token', { auth: 'short' }, 'auth: a token has 16 or more'],
    ['a token with a space', { auth: 'a token with spaces in it' }, 'auth: a token has 16 or more'],
    ['no tokens', { auth: [] }, 'auth must be'],
    ['an unknown notifier', { routes: [{ notifiers: ['nobody'] }] }, 'there is no notifier "nobody"'],
    ['no last resort', { routes: [] }, 'alerts get lost'],
    ['a strange name', { notifiers: { 'a b': sink() }, routes: [{ notifiers: [] }] }, 'the name "a b"'],
    ['a timeout of nothing', { sending: { timeoutMs: 0 } }, 'sending.timeoutMs must be a whole number'],
    ['an unknown one', { limits: { bytes: 1 } }, 'limits.bytes: there is no such option'],
    ['waits that shrink', { sending: { minRetryMs: 9, maxRetryMs: 8 } }, 'sending.minRetryMs must not be above'],
    [
      'a timeout that no timer has',
      { sending: { timeoutMs: 2 ** 31 } },
      'sending.timeoutMs must be 2147483647 at most',
    ],
    ['no notifier', { notifiers: { pager: undefined } }, 'notifiers.pager must have a method send'],
    ['no remediation', { remediations: { act: { when } } }, 'remediations.act must have a method run'],
    [
      'one for each alert',
      { remediations: { act: { run, when: {} } } },
      'remediations.act.when must have an alertname',
    ],
    [
      'no limit',
      { remediations: { act: { run, when, limit: { runs: NaN, perMs: 1 } } } },
      'remediations.act.limit.runs',
    ],
    ['half a run', { remediations: { act: { run, when, limit: { runs: 1, perMs: 0.5 } } } }, 'act.limit.perMs must be'],
    [
      'a limit beyond memory',
      { remediations: { act: { run, when, limit: { runs: 1, perMs: 90_000 } } }, retentionMs: 80_000 },
      'act.limit.perMs must not be above retentionMs',
    ],
    ['a short memory', { retentionMs: 5 }, 'retentionMs must be'],
  ]
  for (const [name, options, sentence] of wrong) {
    it(`throw a TypeError for ${name}`, () => {
      expect(() => make(options)).toThrow(TypeError)
      expect(() => make(options)).toThrow(sentence)
    })
  }
})
