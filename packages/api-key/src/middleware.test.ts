import { type FakeTime, fakeHasher, fakeTime, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { beforeEach, describe, expect, it } from 'vitest'
import { type ApiKeys, apiKey, createApiKeys, type Denial, memoryKeyStore, type NewKey } from './index.ts'

type Role = 'metrics' | 'reader' | 'admin'
let time: FakeTime
let keys: ApiKeys<Role>
let failures: Denial[]

beforeEach(() => {
  time = fakeTime()
  failures = []
  keys = createApiKeys<Role>({
    ...{ store: memoryKeyStore(), roles: ['metrics', 'reader', 'admin'], hasher: fakeHasher() },
    ...{ clock: time.clock, monotonic: time.monotonic },
    onFailure: (denial) => failures.push(denial),
  })
})

async function issue(key: Partial<NewKey<Role>> = {}): Promise<string> {
  const { record, secret } = await keys.create({ role: 'reader', ...key })
  return `${record.id}:${secret}`
}

function appOf(...options: Partial<Parameters<typeof apiKey<Role>>[0]>[]): Hono {
  const app = new Hono()
  const [first = {}] = options
  app.get('/report', apiKey({ keys, roles: ['reader', 'admin'], ...first }), (c) => c.json(c.get('apiKey') ?? null))
  return app
}

describe('headers', () => {
  const other = `tmak-01${'0'.repeat(24)}:tmas_${'x'.repeat(43)}`
  it.each<[string, (good: string) => Record<string, string>, string]>([
    ['Bearer', (good) => ({ authorization: `Bearer ${good}` }), 'ok'],
    ['bearer in any case, with more blanks', (good) => ({ authorization: `bEaReR   ${good} ` }), 'ok'],
    ['X-API-Key', (good) => ({ 'x-api-key': good }), 'ok'],
    ['an id in upper case', (good) => ({ 'x-api-key': good.replace(/^[^:]*/, (id) => id.toUpperCase()) }), 'ok'],
    ['another scheme beside X-API-Key', (good) => ({ authorization: 'Basic eDp5', 'x-api-key': good }), 'ok'],
    ['Bearer wins over X-API-Key', (good) => ({ authorization: `Bearer ${good}`, 'x-api-key': other }), 'ok'],
    [
      'Bearer wins although it is wrong',
      (good) => ({ authorization: `Bearer ${other}`, 'x-api-key': good }),
      'unknown',
    ],
    [
      'a malformed Bearer, without looking further',
      (good) => ({ authorization: 'Bearer x', 'x-api-key': good }),
      'malformed',
    ],
    [
      'an empty Bearer, without looking further',
      (good) => ({ authorization: 'Bearer', 'x-api-key': good }),
      'malformed',
    ],
    ['another scheme alone', () => ({ authorization: 'Basic eDp5' }), 'missing'],
    ['a scheme that only begins like Bearer', (good) => ({ authorization: `Bearerx ${good}` }), 'missing'],
    ['nothing', () => ({}), 'missing'],
    ['a malformed X-API-Key', () => ({ 'x-api-key': 'tmak-1' }), 'malformed'],
    [
      'split X-API-Key-ID and X-API-Key',
      (good) => {
        const [id = '', secret = ''] = good.split(':')
        return { 'x-api-key-id': id, 'x-api-key': secret }
      },
      'malformed',
    ],
  ])('%s', async (_, headers, outcome) => {
    const res = await appOf().request('/report', { headers: headers(await issue()) })
    expect(res.status === 200 ? 'ok' : failures[0]?.reason).toBe(outcome)
  })
})

describe('the default answer', () => {
  const ask = async (
    credential: string | undefined,
    app = appOf(),
  ): Promise<[number, string | null, string | null, unknown]> => {
    const res = await app.request('/report', credential === undefined ? {} : { headers: { 'x-api-key': credential } })
    if (res.status !== 200) expect(res.headers.get('content-type')).toBe('application/problem+json')
    return [res.status, res.headers.get('www-authenticate'), res.headers.get('retry-after'), await res.json()]
  }

  it('is a problem document with a challenge', async () => {
    expect(await ask(undefined)).toEqual([
      401,
      'Bearer realm="api-key"',
      null,
      { type: 'about:blank', status: 401, title: 'Unauthorized', detail: 'An API key is needed.' },
    ])
  })

  it('does not tell an unknown key from a wrong secret, a disabled or an expired one', async () => {
    const good = await issue()
    const [id = '', secret = ''] = good.split(':')
    const disabled = await issue()
    await keys.setStatus(disabled.split(':')[0] ?? '', 'disabled')
    const unknown = `${id.slice(0, -2)}00:${secret}`
    const answers = [
      await ask(unknown),
      await ask(`${id}:tmas_${'x'.repeat(43)}`),
      await ask(disabled),
      await ask(await issue({ expiresAt: 1 })),
    ]
    expect(answers[0]?.[0]).toBe(401)
    expect(answers.every((answer) => JSON.stringify(answer) === JSON.stringify(answers[0]))).toBe(true)
    expect(failures.map(({ reason }) => reason)).toEqual(['unknown', 'secret', 'disabled', 'expired'])
  })

  it('is 403 for a role, whose rate is not charged', async () => {
    const credential = await issue({ role: 'metrics', rateLimit: 1 })
    for (let n = 0; n < 3; n++)
      expect((await ask(credential)).slice(0, 2)).toEqual([403, expect.stringContaining('insufficient_scope')])
    expect(failures[0]).toEqual({
      ...{ reason: 'role', keyId: credential.split(':')[0], role: 'metrics' },
      requiredRoles: ['reader', 'admin'],
    })
  })

  it('is 403 for an address and 503 for a store that fails', async () => {
    expect((await ask(await issue({ allowList: ['10.0.0.1'] })))[0]).toBe(403)
    const credential = await issue()
    const store = { ...memoryKeyStore(), get: () => Promise.reject(new Error('secret host name')) }
    keys = createApiKeys<Role>({ store, roles: ['metrics', 'reader', 'admin'] })
    const answer = await ask(credential, appOf())
    expect(answer[0]).toBe(503)
    expect(JSON.stringify(answer)).not.toContain('host name')
  })
})

describe('rate', () => {
  const statuses = async (app: Hono, credential: string, count: number): Promise<number[]> =>
    Promise.all(
      Array.from(
        { length: count },
        async () => (await app.request('/report', { headers: { 'x-api-key': credential } })).status,
      ),
    )

  it('A32: a key limited to 10 a second and driven at 20 a second gets some 429 with Retry-After', async () => {
    const app = appOf()
    const credential = await issue({ rateLimit: 10 })
    const seen: number[] = []
    for (let n = 0; n < 60; n++) {
      seen.push(...(await statuses(app, credential, 1)))
      time.pass(50)
    }
    expect(seen.slice(0, 10)).toEqual(Array(10).fill(200))
    // The burst of 10, and 10 more in each of three seconds.
    expect(seen.filter((status) => status === 200).length).toBeGreaterThanOrEqual(39)
    expect(seen.filter((status) => status === 200).length).toBeLessThanOrEqual(40)
    expect(seen.filter((status) => status === 429).length).toBe(60 - seen.filter((status) => status === 200).length)
    time.pass(10_000)
    expect((await statuses(app, credential, 11)).sort()).toEqual([...Array<number>(10).fill(200), 429])
    const res = await app.request('/report', { headers: { 'x-api-key': credential } })
    expect([res.status, res.headers.get('retry-after')]).toEqual([429, '1'])
    expect(failures.at(-1)).toEqual({
      ...{ reason: 'rate', keyId: credential.split(':')[0], limit: 10 },
      ...{ retryAfterMs: 100, resetAt: time.clock() + 100 },
    })
    time.pass(99)
    expect(await statuses(app, credential, 1)).toEqual([429])
    time.pass(1)
    expect(await statuses(app, credential, 2)).toEqual([200, 429])
  })

  it('does not stop when the wall clock is set back', async () => {
    const app = appOf()
    const credential = await issue({ rateLimit: 1 })
    expect(await statuses(app, credential, 2)).toEqual([200, 429])
    time.step(-3_600_000)
    time.pass(1000)
    expect(await statuses(app, credential, 2)).toEqual([200, 429])
  })

  it('is each key its own, and is not charged for a wrong secret or without chargeRate', async () => {
    const [one, two] = [await issue({ rateLimit: 1 }), await issue({ rateLimit: 1 })]
    const wrong = `${one.split(':')[0]}:tmas_${'x'.repeat(43)}`
    expect(await statuses(appOf(), wrong, 3)).toEqual([401, 401, 401])
    expect(await statuses(appOf({ chargeRate: false }), one, 3)).toEqual([200, 200, 200])
    expect([...(await statuses(appOf(), one, 2)), ...(await statuses(appOf(), two, 2))]).toEqual([200, 429, 200, 429])
  })
})

describe('options', () => {
  it('optional lets a request without a credential pass, and no other', async () => {
    const app = appOf({ optional: true } as never)
    const anonymous = await app.request('/report')
    expect([anonymous.status, await anonymous.json(), failures]).toEqual([200, null, []])
    expect((await app.request('/report', { headers: { 'x-api-key': 'x' } })).status).toBe(401)
    expect((await app.request('/report', { headers: { 'x-api-key': await issue() } })).status).toBe(200)
  })

  it('onDenied answers, or throws into the app', async () => {
    const teapot = appOf({ onDenied: (c, denial) => c.text(denial.reason, 418) })
    const res = await teapot.request('/report')
    expect([res.status, await res.text()]).toEqual([418, 'missing'])
    const thrown = appOf({ onDenied: () => Promise.reject(new Error('mapped')) })
    thrown.onError((error, c) => c.text(error.message, 409))
    expect(await (await thrown.request('/report')).text()).toBe('mapped')
  })

  it('throws at once for roles that the keys do not know', () => {
    expect(() => apiKey({ keys, roles: [] })).toThrow('roles')
    expect(() => apiKey({ keys, roles: ['root' as Role] })).toThrow('root')
  })
})

describe('over HTTP', () => {
  it('A30, A31, A78: checks the address of the connection, and a forged header changes nothing', async () => {
    const served = await serve(appOf().fetch)
    const call = async (credential: string, headers = {}): Promise<[number, string | undefined]> => {
      const res = await fetch(`${served.url}/report`, {
        headers: { authorization: `Bearer ${credential}`, ...headers },
      })
      return [res.status, ((await res.json()) as { ip?: string }).ip]
    }
    const [local, remote] = [await issue({ allowList: ['127.0.0.0/8'] }), await issue({ allowList: ['10.0.0.0/8'] })]
    expect(await call(local)).toEqual([200, '127.0.0.1'])
    expect((await call(remote))[0]).toBe(403)
    const forged = { 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1', 'x-real-ip': '10.0.0.1' }
    expect((await call(remote, forged))[0]).toBe(403)
    expect(await call(local, forged)).toEqual([200, '127.0.0.1'])
    await served.stop()
  })

  it('gives no secret and no hash to anybody: not to the context, the answers, the hooks or the errors', async () => {
    const store = memoryKeyStore()
    const told: unknown[] = []
    const tell = (value: unknown): number => told.push(value)
    keys = createApiKeys<Role>({
      ...{ store, roles: ['metrics', 'reader', 'admin'], argon2: { memoryKiB: 8192, iterations: 1, parallelism: 1 } },
      ...{ onVerified: tell, onFailure: tell, onCache: tell, onHashed: tell, onError: tell },
    })
    const served = await serve(appOf().fetch)
    const credential = await issue()
    const [id = '', secret = ''] = credential.split(':')
    const wrong = `tmas_${'Zz'.repeat(21)}`
    const rotated = await keys.rotate(id)
    for (const presented of [credential, `${id}:${rotated.secret}`, `${id}:${wrong}`, `${id}:${wrong}!`, wrong]) {
      const res = await fetch(`${served.url}/report`, { headers: { 'x-api-key': presented } })
      told.push(res.status, [...res.headers], await res.text())
    }
    await store.update(id, 2, { secretHash: '$argon2id$broken' })
    keys.invalidate(id)
    await fetch(`${served.url}/report`, { headers: { 'x-api-key': `${id}:${wrong}` } })
    const record = await store.get(id)
    const text = told.map((value) => inspect(value)).join('\n')
    expect(text).toContain(id)
    expect(text).toContain('KEY_RECORD_CORRUPT')
    for (const hidden of [secret, rotated.secret, wrong, record?.oldSecretHash, '$argon2id']) {
      expect(text).not.toContain(hidden)
    }
    await served.stop()
  })
})

/** Everything that can be reached from a value, errors and their causes too. */
function inspect(value: unknown): string {
  if (value instanceof Error) return `${value.stack} ${JSON.stringify(value)} ${inspect(value.cause)}`
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([k, v]) => `${k}=${inspect(v)}`)
      .join(' ')
  return String(value)
}
