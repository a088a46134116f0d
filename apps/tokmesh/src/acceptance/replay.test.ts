import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey, type Node, startNode } from './support.ts'

let nonces = 0
const stamp = (offsetMs = 0, nonce = `nonce-${++nonces}`) => ({
  'X-Timestamp': String(Date.now() + offsetMs),
  'X-Nonce': nonce,
})
const session = '/sessions/tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'

describe('anti-replay', () => {
  let node: Node
  beforeAll(async () => {
    node = await startNode('embedded')
  })
  afterAll(() => node?.stop())

  const create = (headers: Record<string, string> = {}, key = adminKey) =>
    node.call('POST', '/sessions', { key, headers, body: { user_id: 'u' } })

  it('A29: a write replayed late or with a seen nonce is refused', async () => {
    const headers = stamp()
    expect((await create(headers)).status).toBe(201)
    expect(await create(headers)).toMatchObject({ status: 401, code: 'TM-AUTH-4015' })
    expect(await create(stamp(-31_000))).toMatchObject({ status: 401, code: 'TM-AUTH-4014' })
    expect(await create(stamp(31_000))).toMatchObject({ status: 401, code: 'TM-AUTH-4014' })
    expect((await create(stamp(-25_000))).status).toBe(201)
  })

  it('A29: of simultaneous replays one passes; another key has nonces of its own', async () => {
    const headers = stamp()
    const codes = (await Promise.all(Array.from({ length: 10 }, () => create(headers)))).map(({ code }) => code)
    expect(codes.filter((code) => code === 'OK')).toHaveLength(1)
    expect(codes.filter((code) => code === 'TM-AUTH-4015')).toHaveLength(9)
    expect((await create(headers, await node.newKey('issuer'))).status).toBe(201)
  })

  it('A29: a late call leaves its nonce unused, a failed one uses it up', async () => {
    expect((await create(stamp(-31_000, 'kept'))).code).toBe('TM-AUTH-4014')
    expect((await create(stamp(0, 'kept'))).status).toBe(201)
    const post = (body: unknown) => node.call('POST', '/sessions', { key: adminKey, headers: stamp(0, 'spent'), body })
    expect((await post({})).code).toBe('TM-ARG-1002')
    expect((await post({ user_id: 'u' })).code).toBe('TM-AUTH-4015')
  })

  it('A80: one header alone is TM-ARG-1002, a malformed one TM-ARG-1001', async () => {
    const { 'X-Timestamp': timestamp, 'X-Nonce': nonce } = stamp()
    expect((await create({ 'X-Timestamp': timestamp })).code).toBe('TM-ARG-1002')
    expect((await create({ 'X-Nonce': nonce })).code).toBe('TM-ARG-1002')
    expect((await create({ 'X-Nonce': '' })).code).toBe('TM-ARG-1002')
    expect((await create({ 'X-Timestamp': 'noon' })).code).toBe('TM-ARG-1002')
    expect((await create({ 'X-Timestamp': 'noon', 'X-Nonce': nonce })).code).toBe('TM-ARG-1001')
    expect((await create({ 'X-Timestamp': '1.5e12', 'X-Nonce': nonce })).code).toBe('TM-ARG-1001')
    expect((await create({ 'X-Timestamp': timestamp, 'X-Nonce': '' })).code).toBe('TM-ARG-1001')
    expect((await create({ 'X-Timestamp': timestamp, 'X-Nonce': 'x'.repeat(257) })).code).toBe('TM-ARG-1001')
    expect((await create({ 'X-Timestamp': timestamp, 'X-Nonce': 'x'.repeat(256) })).status).toBe(201)
    expect((await create({ 'X-Timestamp': '9'.repeat(400), 'X-Nonce': nonce })).code).toBe('TM-AUTH-4014')
  })

  it('is not looked at where nothing changes', async () => {
    const headers = { 'X-Timestamp': 'noon', 'X-Nonce': '' }
    expect((await node.call('GET', session, { key: adminKey, headers })).code).toBe('TM-SESS-4040')
    expect((await node.call('GET', '/admin/v1/keys', { key: adminKey, headers })).status).toBe(200)
    const validate = (body: unknown) => node.call('POST', '/tokens/validate', { key: adminKey, headers, body })
    const token = `tmtk_${'a'.repeat(43)}`
    expect((await validate({ token })).code).toBe('TM-TOKN-4010')
    expect((await validate({ token, touch: true })).code).toBe('TM-ARG-1001')
    expect((await validate({ token, touch: 1 })).code).toBe('TM-SYS-4000')
    expect((await validate({ touch: true })).code).toBe('TM-ARG-1001')
  })
})

it('A80: with required=true a write without the headers is TM-ARG-1002, a validate without touch passes', async () => {
  const node = await startNode('postgres', { TOKMESH_SECURITY_ANTI_REPLAY_REQUIRED: 'true' })
  try {
    const writes = [
      '/sessions',
      `${session}/touch`,
      `${session}/renew`,
      `${session}/revoke`,
      '/users/u/sessions/revoke',
    ]
    const keyId = adminKey.split(':')[0]
    const admin = ['/admin/v1/keys', `/admin/v1/keys/${keyId}/status`, `/admin/v1/keys/${keyId}/rotate`]
    for (const path of [...writes, ...admin])
      expect([path, (await node.call('POST', path, { key: adminKey })).code]).toEqual([path, 'TM-ARG-1002'])
    const validate = (body: object, headers = {}) =>
      node.call('POST', '/tokens/validate', {
        key: adminKey,
        headers,
        body: { token: `tmtk_${'a'.repeat(43)}`, ...body },
      })
    expect((await validate({})).code).toBe('TM-TOKN-4010')
    expect((await validate({ touch: true })).code).toBe('TM-ARG-1002')
    expect((await validate({ touch: true }, stamp())).code).toBe('TM-TOKN-4010')
  } finally {
    await node.stop()
  }
})
