import { type FakeHasher, type FakeTime, fakeHasher, fakeTime, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  ApiKeyError,
  type ApiKeys,
  type ApiKeysOptions,
  apiKey,
  createApiKeys,
  type Denial,
  type KeyStore,
  memoryKeyStore,
} from './index.ts'

const address = { client: '203.0.113.1', peer: '203.0.113.1' }
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))
const wrong = (n: number): string => `tmas_${String(n).padStart(43, '0')}`

let time: FakeTime
let hasher: FakeHasher
let store: KeyStore
/** Set to make the store fail in its own way. */
let fault: (() => Promise<never>) | undefined
let keys: ApiKeys<'metrics'>

const open = (options: Partial<ApiKeysOptions<'metrics'>> = {}): ApiKeys<'metrics'> =>
  createApiKeys({
    ...{ store, roles: ['metrics'] as const, hasher, clock: time.clock, monotonic: time.monotonic },
    ...options,
  })

beforeEach(() => {
  time = fakeTime()
  hasher = fakeHasher()
  fault = undefined
  const memory = memoryKeyStore()
  store = { ...memory, get: (id) => (fault ? fault() : memory.get(id)) }
  keys = open()
})

async function issue(): Promise<string> {
  const { record, secret } = await keys.create({ role: 'metrics' })
  return `${record.id}:${secret}`
}

async function denial(credential: string, staleOnStoreError = false): Promise<Denial | undefined> {
  const headers = { authorization: `Bearer ${credential}` }
  const verdict = await keys.authenticate(headers, address, { staleOnStoreError, chargeRate: false })
  return verdict.ok ? undefined : verdict.denial
}

describe('a store that fails', () => {
  it.each([
    ['rejects', () => Promise.reject(new Error('connection refused'))],
    [
      'throws',
      () => {
        throw new Error('connection refused')
      },
    ],
  ])('is a denial with its own error as the cause when it %s', async (_, broken) => {
    const credential = await issue()
    time.pass(1000)
    fault = broken
    const keyId = credential.split(':')[0]
    expect(await denial(credential)).toEqual({ reason: 'store', keyId, cause: new Error('connection refused') })
    fault = undefined
    expect(await denial(credential)).toBeUndefined()
  })

  it('holds no request longer than its timeout when it hangs, and one read serves them all', async () => {
    const credential = await issue()
    keys = open({ storeTimeoutMs: 30 })
    let reads = 0
    fault = () => {
      reads++
      return new Promise(() => {})
    }
    const denials = await Promise.all(Array.from({ length: 50 }, () => denial(credential)))
    expect(new Set(denials.map((found) => found?.reason))).toEqual(new Set(['store']))
    const { cause } = denials[0] as { cause: ApiKeyError }
    expect([cause instanceof ApiKeyError, cause.code, reads]).toEqual([true, 'KEY_STORE_TIMEOUT', 1])
    fault = undefined
    expect(await denial(credential)).toBeUndefined()
  })

  it('leaves the last positive verdict standing where that is asked for, however old', async () => {
    const credential = await issue()
    const stranger = await issue()
    expect(await denial(credential)).toBeUndefined()
    fault = () => Promise.reject(new Error('down'))
    time.pass(7 * 24 * 3_600_000)
    expect((await denial(credential))?.reason).toBe('store')
    const runs = hasher.runs
    const verdict = await keys.authenticate({ apiKey: credential }, address, { staleOnStoreError: true })
    expect(verdict.ok && verdict.key.stale).toBe(true)
    expect(hasher.runs).toBe(runs)
    const [id = ''] = credential.split(':')
    expect((await denial(`${id}:${wrong(1)}`, true))?.reason).toBe('store')
    expect((await denial(stranger, true))?.reason).toBe('store')
    expect((await denial(`${id.slice(0, -2)}00:${wrong(1)}`, true))?.reason).toBe('store')
  })

  it('does not bring back a key that this node knows to be disabled, expired or changed', async () => {
    const disabled = await issue()
    const changed = await issue()
    const { record, secret } = await keys.create({ role: 'metrics', expiresAt: time.clock() + 5000 })
    const expiring = `${record.id}:${secret}`
    for (const credential of [disabled, changed, expiring]) expect(await denial(credential, true)).toBeUndefined()
    await keys.setStatus(disabled.split(':')[0] ?? '', 'disabled')
    keys.invalidate(changed.split(':')[0] ?? '')
    fault = () => Promise.reject(new Error('down'))
    time.pass(5000)
    expect((await denial(disabled, true))?.reason).toBe('disabled')
    expect((await denial(changed, true))?.reason).toBe('store')
    expect((await denial(expiring, true))?.reason).toBe('expired')
  })
})

describe('a record that can not be read', () => {
  it.each([
    '',
    'corrupt',
    '$argon2id$v=19$m=16384,t=2,p=2$c2FsdA',
    '$argon2i$v=19$m=16384,t=2,p=2$c2FsdHNhbHQ$aGFzaGhhc2g',
  ])('is a store denial for the hash %j, which the error does not quote', async (secretHash) => {
    keys = createApiKeys({ store, roles: ['metrics'] })
    const credential = await issue()
    const [id = ''] = credential.split(':')
    await store.update(id, 1, { secretHash })
    keys.invalidate(id)
    const found = (await denial(credential)) as { reason: string; cause: ApiKeyError }
    expect([found.reason, found.cause.code, found.cause.cause]).toEqual(['store', 'KEY_RECORD_CORRUPT', undefined])
    if (secretHash) expect(found.cause.message).not.toContain(secretHash)
  })

  it('is a store denial for a broken allow list: nobody gets in by it', async () => {
    const credential = await issue()
    const [id = ''] = credential.split(':')
    await store.update(id, 1, { allowList: ['everywhere'] })
    keys.invalidate(id)
    expect(await denial(credential)).toMatchObject({ reason: 'store', cause: { code: 'KEY_RECORD_CORRUPT' } })
  })
})

describe('a flood of wrong secrets', () => {
  it('starves neither a proven key nor the first verification of another', async () => {
    keys = open({ maxConcurrentVerifications: 2, maxQueuedVerifications: 20 })
    const [flooded = '', proven, fresh] = [await issue(), await issue(), await issue()]
    expect(await denial(proven)).toBeUndefined()
    const id = flooded.split(':')[0]
    hasher.hold()
    const flood = Array.from({ length: 500 }, (_, n) => denial(`${id}:${wrong(n)}`))
    while (hasher.running < 2) await tick()
    const before = hasher.runs
    // All places are taken and none will be free: only a proven key passes now.
    expect(await denial(proven)).toBeUndefined()
    const waiting = denial(fresh)
    await tick()
    hasher.release(2)
    while (hasher.runs < before + 2) await tick()
    hasher.release(2)
    expect(await waiting).toBeUndefined()
    expect(hasher.runs).toBeLessThanOrEqual(before + 4)
    hasher.release()
    const reasons = (await Promise.all(flood)).map((found) => found?.reason)
    expect(reasons.filter((reason) => reason === 'secret')).toHaveLength(21)
    expect(reasons.filter((reason) => reason === 'busy')).toHaveLength(479)
    expect(hasher.peak).toBe(2)
  })

  it('lets a key that was proven before go first when its entry has expired', async () => {
    keys = open({ maxConcurrentVerifications: 1, maxQueuedVerifications: 5 })
    const credential = await issue()
    await denial(credential)
    time.pass(60_000)
    hasher.hold()
    // The same key, from the same address: fairness alone would not help.
    const flood = Array.from({ length: 50 }, (_, n) => denial(`${credential.split(':')[0]}:${wrong(n)}`))
    while (hasher.running < 1) await tick()
    const before = hasher.runs
    const again = denial(credential)
    await tick()
    hasher.release(1)
    while (hasher.runs < before + 1) await tick()
    hasher.release(1)
    expect(await again).toBeUndefined()
    hasher.release()
    await Promise.all(flood)
  })

  it('is survived with the real Argon2id over HTTP', async () => {
    keys = createApiKeys({ store, roles: ['metrics'], maxConcurrentVerifications: 1, maxQueuedVerifications: 16 })
    const app = new Hono().get('/metrics', apiKey({ keys, chargeRate: false }), (c) => c.text('ok'))
    const served = await serve(app.fetch)
    const [flooded, good] = [await issue(), await issue()]
    const call = async (credential: string): Promise<[number, number, string | null]> => {
      const res = await fetch(`${served.url}/metrics`, { headers: { 'x-api-key': credential } })
      await res.text()
      return [res.status, performance.now(), res.headers.get('retry-after')]
    }
    const flood = Array.from({ length: 500 }, (_, n) => call(`${flooded.split(':')[0]}:${wrong(n)}`))
    const [status, goodAt] = await call(good)
    expect(status).toBe(200)
    const answers = await Promise.all(flood)
    const refused = answers.filter(([code]) => code === 401)
    const busy = answers.filter(([code]) => code === 503)
    expect(refused.length + busy.length).toBe(500)
    expect(refused.length).toBeGreaterThan(0)
    expect(busy.length).toBeGreaterThan(0)
    expect(busy.every(([, , retryAfter]) => retryAfter === '1')).toBe(true)
    expect(goodAt).toBeLessThan(Math.max(...answers.map(([, at]) => at)))
    await served.stop()
  })
})

describe('hooks', () => {
  it('that throw change no verdict and are reported, even by an onError that throws', async () => {
    const errors: unknown[] = []
    const boom = (): never => {
      throw new Error('boom')
    }
    keys = open({
      ...{ onVerified: boom, onFailure: boom, onCache: boom, onHashed: boom },
      onError: (error) => {
        errors.push(error)
        throw error
      },
    })
    const credential = await issue()
    expect(await denial(credential)).toBeUndefined()
    expect((await denial(`${credential.split(':')[0]}:${wrong(1)}`))?.reason).toBe('secret')
    expect(errors.length).toBeGreaterThanOrEqual(5)
  })
})
