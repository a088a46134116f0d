import { type FakeTime, fakeHasher, fakeTime } from '@honoscope/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  ApiKeyError,
  type ApiKeys,
  type ApiKeysOptions,
  createApiKeys,
  type KeyStore,
  memoryKeyStore,
} from './index.ts'

type Role = 'reader' | 'admin'
const address = { client: '203.0.113.1', peer: '203.0.113.1' }
let time: FakeTime
let store: KeyStore
let keys: ApiKeys<Role>

const open = (options: Partial<ApiKeysOptions<Role>> = {}): ApiKeys<Role> =>
  createApiKeys<Role>({ store, roles: ['reader', 'admin'], hasher: fakeHasher(), clock: time.clock, ...options })

beforeEach(() => {
  time = fakeTime()
  store = memoryKeyStore()
  keys = open()
})

async function code(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'resolved',
    (thrown: unknown) => thrown,
  )
  return error instanceof ApiKeyError ? error.code : String(error)
}

describe('create', () => {
  it('returns the secret once, and a record without hashes', async () => {
    const { record, secret } = await keys.create({ role: 'admin' })
    expect(secret).toMatch(/^tmas_[0-9A-Za-z]{43}$/)
    expect(record).toEqual({
      ...{ id: expect.stringMatching(/^tmak-[0-7][0-9a-hjkmnp-tv-z]{25}$/), role: 'admin', description: '' },
      ...{ allowList: [], rateLimit: 1000, expiresAt: 0, status: 'active', gracePeriodEnd: 0 },
      ...{ createdAt: time.clock(), createdBy: 'system', lastUsedAt: 0, version: 1 },
    })
  })

  it('keeps what it is given, a past expiry too', async () => {
    const key = { role: 'reader', description: 'CI', allowList: ['10.0.0.0/8'], rateLimit: 1, expiresAt: 1 } as const
    const { record } = await keys.create({ ...key, createdBy: 'tmak-x' })
    expect(await keys.get(record.id.toUpperCase())).toMatchObject({ ...key, createdBy: 'tmak-x' })
  })

  it.each([
    ['role', { role: 'root' as Role }],
    ['rateLimit', { rateLimit: 0 }],
    ['rateLimit', { rateLimit: 1_000_001 }],
    ['rateLimit', { rateLimit: 1.5 }],
    ['expiresAt', { expiresAt: -1 }],
    ['expiresAt', { expiresAt: Number.NaN }],
    ['allow list: "10.0.0.0/99"', { allowList: ['::1', '10.0.0.0/99'] }],
  ])('refuses a wrong %s and names it', async (name, fields) => {
    const creation = keys.create({ role: 'reader', ...fields })
    await expect(creation).rejects.toThrow(name)
    expect(await code(creation)).toBe('KEY_INVALID')
    expect(await store.count()).toBe(0)
  })

  it('passes an error of the store on', async () => {
    keys = open({ store: { ...store, insert: () => Promise.reject(new Error('disk full')) } })
    await expect(keys.create({ role: 'reader' })).rejects.toThrow('disk full')
  })
})

describe('import', () => {
  it('keeps a credential that works from then on', async () => {
    const credential = keys.newCredential()
    expect((await keys.import(credential, 'admin')).createdBy).toBe('system')
    expect((await keys.verify(credential, address)).ok).toBe(true)
  })

  it('refuses a malformed credential without quoting it, a strange role and a taken id', async () => {
    const credential = keys.newCredential()
    const malformed = keys.import(`${credential}!`, 'admin')
    expect(await code(malformed)).toBe('KEY_CREDENTIAL')
    await expect(malformed).rejects.not.toThrow(credential.slice(-20))
    expect(await code(keys.import(credential, 'root' as Role))).toBe('KEY_INVALID')
    await keys.import(credential, 'admin')
    expect(await code(keys.import(credential, 'reader'))).toBe('KEY_ID_TAKEN')
  })

  it('of the first keys happens once, whoever else tries', async () => {
    const nodes = Array.from({ length: 5 }, () => open())
    const results = await Promise.all(
      nodes.map((node) =>
        node.importFirst([
          { credential: node.newCredential(), role: 'admin' },
          { credential: node.newCredential(), role: 'reader' },
        ]),
      ),
    )
    expect(results.filter(Boolean)).toHaveLength(1)
    expect((await keys.list({ page: 1, size: 10 })).total).toBe(2)
    expect(await keys.importFirst([])).toBe(false)
  })
})

describe('rotate', () => {
  it('refuses an unknown and an expired key', async () => {
    const { record } = await keys.create({ role: 'reader', expiresAt: time.clock() })
    expect(await code(keys.rotate(record.id))).toBe('KEY_EXPIRED')
    expect(await code(keys.rotate(keys.newCredential().split(':')[0] ?? ''))).toBe('KEY_NOT_FOUND')
    expect(await store.get(record.id)).toMatchObject({ version: 1, oldSecretHash: '' })
  })

  it('leaves a disabled key disabled', async () => {
    const { record } = await keys.create({ role: 'reader' })
    await keys.setStatus(record.id, 'disabled')
    const { secret } = await keys.rotate(record.id)
    expect(await keys.verify(`${record.id}:${secret}`, address)).toMatchObject({ denial: { reason: 'disabled' } })
    await keys.setStatus(record.id, 'active')
    expect((await keys.verify(`${record.id}:${secret}`, address)).ok).toBe(true)
  })

  it('loses no change of another writer: simultaneous rotations and a status all happen', async () => {
    const { record } = await keys.create({ role: 'reader' })
    const others = [open(), open(), open()]
    const rotations = await Promise.all(others.map((node) => node.rotate(record.id)))
    await Promise.all([keys.setStatus(record.id, 'disabled'), others[0]?.rotate(record.id)])
    expect(await store.get(record.id)).toMatchObject({ status: 'disabled', version: 6 })
    expect(new Set(rotations.map(({ secret }) => secret)).size).toBe(3)
  })

  it('gives up when every attempt is lost', async () => {
    const { record } = await keys.create({ role: 'reader' })
    let attempts = 0
    const update: KeyStore['update'] = async () => {
      attempts++
      return undefined
    }
    expect(await code(open({ store: { ...store, update } }).rotate(record.id))).toBe('KEY_CONFLICT')
    expect(attempts).toBe(8)
  })
})

describe('setStatus', () => {
  it('is idempotent and writes only what changes', async () => {
    const { record } = await keys.create({ role: 'reader' })
    expect((await keys.setStatus(record.id, 'active')).version).toBe(1)
    expect((await keys.setStatus(record.id, 'disabled')).version).toBe(2)
    expect((await keys.setStatus(record.id, 'disabled')).version).toBe(2)
  })

  it('refuses an unknown key and another status', async () => {
    const { record } = await keys.create({ role: 'reader' })
    expect(await code(keys.setStatus('tmak-none', 'active'))).toBe('KEY_NOT_FOUND')
    expect(await code(keys.setStatus(record.id, 'gone' as 'active'))).toBe('KEY_INVALID')
  })

  it('reads the key again when it is not known whether the write happened', async () => {
    const { record, secret } = await keys.create({ role: 'reader' })
    const update: KeyStore['update'] = async (...change) => {
      await store.update(...change)
      throw new Error('connection lost')
    }
    keys = open({ store: { ...store, update } })
    expect((await keys.verify(`${record.id}:${secret}`, address)).ok).toBe(true)
    await expect(keys.setStatus(record.id, 'disabled')).rejects.toThrow('connection lost')
    expect((await keys.verify(`${record.id}:${secret}`, address)).ok).toBe(false)
  })
})

describe('what operators see', () => {
  it('never holds a secret or a hash', async () => {
    const { record, secret } = await keys.create({ role: 'reader' })
    const rotated = await keys.rotate(record.id)
    const seen = [record, rotated.record, await keys.get(record.id), await keys.setStatus(record.id, 'disabled')]
    const { items, total } = await keys.list({ page: 1, size: 10, role: 'reader', status: 'disabled' })
    const text = JSON.stringify([seen, items])
    expect([items.length, total]).toEqual([1, 1])
    const stored = await store.get(record.id)
    for (const hidden of [secret, rotated.secret, stored?.secretHash, stored?.oldSecretHash, 'ecretHash']) {
      expect(hidden).toBeTruthy()
      expect(text).not.toContain(hidden)
    }
  })
})

describe('setup', () => {
  it.each<[string, Partial<ApiKeysOptions<Role>>]>([
    ['roles', { roles: [] }],
    ['roles', { roles: ['reader', 'reader'] }],
    ['allowList: allow list: "anywhere"', { allowList: ['anywhere'] }],
    ['trustedProxies', { trustedProxies: ['10.0.0.0/64'] }],
    ['argon2.memoryKiB', { argon2: { memoryKiB: 15 } }],
    ['argon2.iterations', { argon2: { iterations: 0 } }],
    ['argon2.parallelism', { argon2: { parallelism: 17 } }],
    ['cache.capacity', { cache: { capacity: 0 } }],
    ['cache.ttlMs', { cache: { ttlMs: -1 } }],
    ['recordFreshMs', { recordFreshMs: Number.NaN }],
    ['rotationGraceMs', { rotationGraceMs: -1 }],
    ['storeTimeoutMs', { storeTimeoutMs: 0 }],
    ['usageIntervalMs', { usageIntervalMs: Number.POSITIVE_INFINITY }],
    ['maxConcurrentVerifications', { maxConcurrentVerifications: 0 }],
    ['maxQueuedVerifications', { maxQueuedVerifications: 0.5 }],
    ['format.idPrefix', { format: { idPrefix: 'KEY:' } }],
  ])('throws at once for a wrong %s and names it', (name, options) => {
    expect(() => open(options)).toThrow(name)
  })
})
