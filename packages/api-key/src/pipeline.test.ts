import { type FakeHasher, type FakeTime, fakeHasher, fakeTime } from '@honoscope/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type ApiKeys,
  type ApiKeysOptions,
  createApiKeys,
  type Denial,
  type KeyStore,
  memoryKeyStore,
  type NewKey,
} from './index.ts'

type Role = 'reader' | 'admin'
interface Issued {
  id: string
  secret: string
  credential: string
}

const hour = 3_600_000
let time: FakeTime
let hasher: FakeHasher
let store: KeyStore
let keys: ApiKeys<Role>
let cache: string[]
let denials: Denial[]

const open = (options: Partial<ApiKeysOptions<Role>> = {}): ApiKeys<Role> =>
  createApiKeys<Role>({
    ...{ store, roles: ['reader', 'admin'], hasher, clock: time.clock, monotonic: time.monotonic },
    onCache: (outcome) => cache.push(outcome),
    onFailure: (denial) => denials.push(denial),
    ...options,
  })

beforeEach(() => {
  time = fakeTime()
  hasher = fakeHasher()
  store = memoryKeyStore()
  cache = []
  denials = []
  keys = open()
})

async function issue(key: Partial<NewKey<Role>> = {}): Promise<Issued> {
  const { record, secret } = await keys.create({ role: 'reader', ...key })
  return { id: record.id, secret, credential: `${record.id}:${secret}` }
}

const from = (ip: string) => ({ client: ip, peer: ip })
const anywhere = from('203.0.113.1')
const wrong = `tmas_${'w'.repeat(43)}`

async function reason(credential: string, address = anywhere, node = keys): Promise<string> {
  const verdict = await node.verify(credential, address)
  return verdict.ok ? 'ok' : verdict.denial.reason
}

describe('steps', () => {
  it('tells who the key is, without anything secret', async () => {
    const { id, credential } = await issue({ role: 'admin', rateLimit: 7 })
    const verdict = await keys.verify(credential, { client: '203.0.113.1', peer: '10.0.0.1' })
    const key = { id, role: 'admin', ip: '203.0.113.1', peer: '10.0.0.1', rateLimit: 7, expiresAt: 0, stale: false }
    expect(verdict).toEqual({ ok: true, key })
  })

  it('refuses in the order of the contract', async () => {
    keys = open({ allowList: ['10.0.0.0/8', '2001:db8::/32'] })
    const { id, secret } = await issue({ allowList: ['10.1.0.0/16'], expiresAt: time.clock() + hour })
    const check = (text: string, ip: string): Promise<string> => reason(text, from(ip))
    await keys.setStatus(id, 'disabled')
    time.pass(hour)
    // Everything is wrong at first, and is put right from the front.
    expect(await check(`${id}:x`, '192.0.2.1')).toBe('malformed')
    expect(await check(`${id.slice(0, -2)}00:${wrong}`, '192.0.2.1')).toBe('unknown')
    expect(await check(`${id}:${wrong}`, '192.0.2.1')).toBe('disabled')
    await keys.setStatus(id, 'active')
    expect(await check(`${id}:${wrong}`, '192.0.2.1')).toBe('expired')
    time.step(-1)
    expect(await check(`${id}:${wrong}`, '192.0.2.1')).toBe('ip')
    expect(denials.at(-1)).toEqual({ reason: 'ip', keyId: id, ip: '192.0.2.1', list: 'global' })
    expect(await check(`${id}:${wrong}`, '10.2.0.1')).toBe('ip')
    expect(denials.at(-1)).toEqual({ reason: 'ip', keyId: id, ip: '10.2.0.1', list: 'key' })
    expect(hasher.runs).toBe(0)
    expect(await check(`${id}:${wrong}`, '10.1.0.1')).toBe('secret')
    expect(await check(`${id}:${secret}`, '10.1.0.1')).toBe('ok')
    expect(hasher.runs).toBe(2)
  })

  it('A30, A31: a key restricted to a network works from there only', async () => {
    const { credential } = await issue({ allowList: ['192.168.1.0/24'] })
    expect(await reason(credential, from('10.0.0.1'))).toBe('ip')
    expect(await reason(credential, from('192.168.1.5'))).toBe('ok')
    expect(await reason(credential, from('10.0.0.1'))).toBe('ip')
    expect(await reason(credential, from(''))).toBe('ip')
  })

  it('A35: a key whose expiry is past is refused, and one that expires does so at that millisecond', async () => {
    expect(await reason((await issue({ expiresAt: time.clock() - 1 })).credential)).toBe('expired')
    const { credential } = await issue({ expiresAt: time.clock() + 500 })
    expect(await reason(credential)).toBe('ok')
    time.pass(499)
    expect(await reason(credential)).toBe('ok')
    time.pass(1)
    expect(await reason(credential)).toBe('expired')
  })

  it('opens nothing to a role that the app no longer has', async () => {
    const { id, credential } = await issue({ role: 'admin' })
    const node = createApiKeys({ store, roles: ['reader'], hasher })
    const verdict = await node.verify(credential, anywhere)
    expect(verdict).toEqual({
      ok: false,
      denial: { reason: 'role', keyId: id, role: 'admin', requiredRoles: ['reader'] },
    })
  })
})

describe('the cache of proven secrets', () => {
  it('A77: a hit performs no Argon2id, and a wrong secret never becomes one', async () => {
    const { id, credential } = await issue()
    for (let n = 0; n < 50; n++) expect(await reason(credential)).toBe('ok')
    expect(hasher.runs).toBe(1)
    expect(cache).toEqual(['miss', ...Array<string>(49).fill('hit')])
    for (let n = 0; n < 3; n++) expect(await reason(`${id}:${wrong}`)).toBe('secret')
    expect(hasher.runs).toBe(4)
  })

  it('runs one Argon2id for many simultaneous requests with one credential', async () => {
    const { credential } = await issue()
    const reasons = await Promise.all(Array.from({ length: 200 }, () => reason(credential)))
    expect(new Set(reasons)).toEqual(new Set(['ok']))
    expect(hasher.runs).toBe(1)
  })

  it('forgets after its TTL, whatever the wall clock does', async () => {
    const { credential } = await issue()
    await reason(credential)
    time.step(-10 * hour)
    time.pass(59_999)
    expect([await reason(credential), hasher.runs]).toEqual(['ok', 1])
    time.pass(1)
    expect([await reason(credential), hasher.runs]).toEqual(['ok', 2])
    time.step(10 * hour)
    expect([await reason(credential), hasher.runs]).toEqual(['ok', 2])
  })

  it('can be turned off', async () => {
    keys = open({ cache: { ttlMs: 0 } })
    const { credential } = await issue()
    expect([await reason(credential), await reason(credential), hasher.runs]).toEqual(['ok', 'ok', 2])
  })

  it('is bounded', async () => {
    keys = open({ cache: { capacity: 2 } })
    const all = [await issue(), await issue(), await issue()]
    for (const { credential } of all) await reason(credential)
    await reason(all[2]?.credential ?? '')
    expect(hasher.runs).toBe(3)
    await reason(all[0]?.credential ?? '')
    expect(hasher.runs).toBe(4)
  })

  it('does not save the other steps', async () => {
    const { id, credential } = await issue({ expiresAt: time.clock() + hour, allowList: ['203.0.113.1'] })
    expect(await reason(credential)).toBe('ok')
    expect(await reason(credential, from('203.0.113.2'))).toBe('ip')
    await keys.setStatus(id, 'disabled')
    expect(await reason(credential)).toBe('disabled')
    await keys.setStatus(id, 'active')
    time.pass(hour)
    expect(await reason(credential)).toBe('expired')
  })
})

describe('rotation', () => {
  it('A33, A34: both secrets work in the grace, the old one not after it', async () => {
    const { id, credential } = await issue()
    expect(await reason(credential)).toBe('ok')
    const { secret, oldSecretValidUntil } = await keys.rotate(id)
    expect(oldSecretValidUntil).toBe(time.clock() + hour)
    expect([await reason(`${id}:${secret}`), await reason(credential)]).toEqual(['ok', 'ok'])
    time.pass(hour - 1)
    expect([await reason(`${id}:${secret}`), await reason(credential)]).toEqual(['ok', 'ok'])
    time.pass(1)
    expect([await reason(`${id}:${secret}`), await reason(credential)]).toEqual(['ok', 'secret'])
  })

  it('closes the trap of the cache: an entry of the old secret ends with the grace', async () => {
    keys = open({ cache: { ttlMs: 24 * hour }, recordFreshMs: 24 * hour })
    const { id, credential } = await issue()
    await reason(credential)
    await keys.rotate(id)
    time.pass(hour - 1)
    expect([await reason(credential), hasher.runs]).toEqual(['ok', 1])
    time.pass(1)
    expect(await reason(credential)).toBe('secret')
  })

  it('kills the oldest secret at once when it is done again inside the grace', async () => {
    const { id, credential } = await issue()
    await reason(credential)
    const second = await keys.rotate(id)
    await reason(`${id}:${second.secret}`)
    const third = await keys.rotate(id)
    expect(await reason(credential)).toBe('secret')
    expect(await reason(`${id}:${second.secret}`)).toBe('ok')
    expect(await reason(`${id}:${third.secret}`)).toBe('ok')
  })

  it('ends the old secret at once without a grace', async () => {
    keys = open({ rotationGraceMs: 0 })
    const { id, credential } = await issue()
    await reason(credential)
    const { secret, oldSecretValidUntil, record } = await keys.rotate(id)
    expect([oldSecretValidUntil, record.gracePeriodEnd]).toEqual([time.clock(), 0])
    expect([await reason(credential), await reason(`${id}:${secret}`)]).toEqual(['secret', 'ok'])
  })

  it('is seen by another node once its record is no longer fresh, and costs no Argon2id for what is still right', async () => {
    const other = open()
    const { id, credential } = await issue()
    await reason(credential, anywhere, other)
    await keys.rotate(id)
    time.pass(1000)
    expect([await reason(credential, anywhere, other), hasher.runs]).toEqual(['ok', 1])
    await keys.rotate(id)
    time.pass(1000)
    expect(await reason(credential, anywhere, other)).toBe('secret')
  })
})

describe('records', () => {
  it('A75: disabling counts at once on this node, and on another when its record is read again', async () => {
    const other = open()
    const { id, credential } = await issue()
    expect([await reason(credential), await reason(credential, anywhere, other)]).toEqual(['ok', 'ok'])
    await keys.setStatus(id, 'disabled')
    expect(await reason(credential)).toBe('disabled')
    time.pass(999)
    expect(await reason(credential, anywhere, other)).toBe('ok')
    time.pass(1)
    expect(await reason(credential, anywhere, other)).toBe('disabled')
    await keys.setStatus(id, 'active')
    other.invalidate(id.toUpperCase())
    expect([await reason(credential, anywhere, other), hasher.runs]).toEqual(['ok', 2])
  })

  it('are read once for many requests, and again when they are no longer fresh, whatever the wall clock does', async () => {
    let reads = 0
    const get = (id: string): ReturnType<KeyStore['get']> => {
      reads++
      return store.get(id)
    }
    const { credential } = await issue()
    keys = open({ store: { ...store, get } })
    await Promise.all(Array.from({ length: 20 }, () => reason(credential)))
    expect(reads).toBe(1)
    time.step(-hour)
    time.pass(999)
    await reason(credential)
    expect(reads).toBe(1)
    time.pass(1)
    await reason(credential)
    expect(reads).toBe(2)
  })

  it('are not brought back by a read that began before a write', async () => {
    const { id, credential } = await issue()
    let answer: (() => void) | undefined
    const slow = {
      ...store,
      get: async (key: string) => {
        const record = await store.get(key)
        if (answer === undefined) await new Promise<void>((resolve) => (answer = resolve))
        return record
      },
    }
    keys = open({ store: slow })
    const before = reason(credential)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await keys.setStatus(id, 'disabled')
    answer?.()
    await before
    expect(await reason(credential)).toBe('disabled')
  })

  it('are checked again after an Argon2id that took long', async () => {
    const { id, credential } = await issue()
    hasher.hold()
    const waiting = reason(credential)
    while (hasher.running === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await keys.setStatus(id, 'disabled')
    hasher.release()
    expect(await waiting).toBe('disabled')
  })

  it('are checked again after an Argon2id that took long: two rotations end the secret that was right when it began', async () => {
    keys = open({ maxConcurrentVerifications: 2 })
    const { id, credential } = await issue()
    hasher.hold()
    const waiting = reason(credential)
    while (hasher.running === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await keys.rotate(id)
    await keys.rotate(id)
    hasher.release()
    expect(await waiting).toBe('secret')
  })
})
