import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { webDigest } from './hasher.ts'
import { createApiKeys, memoryKeyStore } from './index.ts'

const address = { client: '', peer: '' }
const phc = /^\$argon2id\$v=19\$m=16384,t=2,p=2\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/

it('A28: what is stored is an Argon2id PHC string with a salt of its own, and no plaintext', async () => {
  const store = memoryKeyStore()
  const keys = createApiKeys({ store, roles: ['r'] })
  const credential = keys.newCredential()
  const [id = '', secret = ''] = credential.split(':')
  await keys.import(credential, 'r')
  const first = await store.get(id)
  expect(first?.secretHash).toMatch(phc)
  await keys.rotate(id)
  const { record } = await keys.create({ role: 'r' })
  const hashes = [await store.get(id), await store.get(record.id)].flatMap((found) => [
    found?.secretHash,
    found?.oldSecretHash,
  ])
  expect(hashes.filter((hash) => phc.test(hash ?? ''))).toHaveLength(3)
  expect(new Set(hashes).size).toBe(4)
  expect(JSON.stringify(await store.list({ page: 1, size: 10 }))).not.toContain(secret.slice(5))
})

it('verifies with the parameters in the string, not with those of the options', async () => {
  const store = memoryKeyStore()
  const cheap = createApiKeys({ store, roles: ['r'], argon2: { memoryKiB: 8192, iterations: 1, parallelism: 1 } })
  const { record, secret } = await cheap.create({ role: 'r' })
  expect((await store.get(record.id))?.secretHash).toContain('$m=8192,t=1,p=1$')
  const seconds: number[] = []
  const keys = createApiKeys({ store, roles: ['r'], onHashed: (took) => seconds.push(took) })
  expect((await keys.verify(`${record.id}:${secret}`, address)).ok).toBe(true)
  expect(await keys.verify(`${record.id}:${secret.slice(0, -1)}!`, address)).toMatchObject({
    denial: { reason: 'malformed' },
  })
  const changed = secret.slice(0, -1) + (secret.endsWith('a') ? 'b' : 'a')
  expect(await keys.verify(`${record.id}:${changed}`, address)).toMatchObject({ denial: { reason: 'secret' } })
  expect(seconds).toHaveLength(2)
  expect(seconds.every((took) => took > 0 && took < 30)).toBe(true)
})

it('reads a string that another implementation made', async () => {
  // The reference implementation's `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1` of its test suite.
  const { argon2Hasher } = await import('./argon2.node.ts')
  const known = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  expect(await argon2Hasher().verify(known, 'password')).toBe(true)
  expect(await argon2Hasher().verify(known, 'Password')).toBe(false)
})

it('refuses a string that asks for more memory than any option may', async () => {
  const { argon2Hasher } = await import('./argon2.node.ts')
  const greedy = '$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  await expect(argon2Hasher().verify(greedy, 'password')).rejects.toThrow('not a readable Argon2id')
})

it('has a SHA-256 of the web platform in reserve', async () => {
  expect(await webDigest('tmak:ä')).toBe(createHash('sha256').update('tmak:ä').digest('hex'))
})
