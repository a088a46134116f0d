import {
  ConflictError,
  createTokMeshClient,
  hasCode,
  InvalidArgumentError,
  NetworkError,
  PermissionError,
  QuotaExceededError,
  SessionExpiredError,
  SessionNotFoundError,
  TokenRevokedError,
  type TokMeshClient,
  UnavailableError,
} from '@honoscope/tokmesh-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../routes/operations.ts'
import { adminKey, databases, type Node, pause, startNode } from './support.ts'

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

describe.each(databases)('the typed client on %s', (kind) => {
  let node: Node
  let tokmesh: TokMeshClient
  const called = new Set<string>()
  beforeAll(async () => {
    node = await startNode(kind, {
      TOKMESH_SECURITY_NETWORK_TRUSTED_PROXIES: '127.0.0.1/32',
      TOKMESH_SECURITY_ANTI_REPLAY_REQUIRED: 'true',
      TOKMESH_SESSION_QUOTA_MAX_PER_USER: '2',
    })
    const client = createTokMeshClient({ url: node.url, key: adminKey, antiReplay: true, timeoutMs: 30_000 })
    // Notes which methods the tests have called.
    tokmesh = new Proxy(client, {
      get(target, name: string & keyof TokMeshClient) {
        called.add(name)
        return target[name]
      },
    })
  })
  afterAll(() => node.stop())

  it('takes a session through its life, for an end user behind a proxy', async () => {
    const client = { ip: '192.0.2.7', userAgent: 'Mozilla/5.0 (Client)' }
    const made = await tokmesh.createSession({ user_id: 'life', ttl_seconds: 600, data: { a: 'b' } }, { client })
    const read = await tokmesh.getSession(made.session_id)
    expect(read).toMatchObject({
      user_id: 'life',
      ip_address: client.ip,
      user_agent: client.userAgent,
      data: { a: 'b' },
    })

    const touch = { client: { ip: '2001:db8::8', userAgent: 'Other/1' }, traceparent }
    expect(await tokmesh.checkToken(made.token, { ...touch, touch: true })).toMatchObject({
      valid: true,
      session: { id: made.session_id, last_access_ip: '2001:db8::8', last_access_ua: 'Other/1' },
    })

    const touched = await tokmesh.touchSession(made.session_id, { fields: ['device_id'] })
    expect(Object.keys(touched).sort()).toEqual(['device_id', 'expires_at', 'id', 'last_active', 'user_id', 'version'])
    const { new_expires_at } = await tokmesh.renewSession(made.session_id, { ttl_seconds: 1200 })
    expect(new_expires_at).toBeGreaterThan(made.expires_at)

    expect(await tokmesh.revokeSession(made.session_id, { sync: true })).toEqual({})
    expect(await tokmesh.revokeSession(made.session_id)).toEqual({})
    expect(await tokmesh.checkToken(made.token)).toEqual({ valid: false, reason: 'revoked' })
    await expect(tokmesh.validateToken({ token: made.token })).rejects.toBeInstanceOf(TokenRevokedError)
    await expect(tokmesh.getSession(made.session_id)).rejects.toBeInstanceOf(SessionNotFoundError)
  })

  it('tells apart what the service refuses', async () => {
    const { session_id, token } = await tokmesh.createSession({ user_id: 'refused', ttl_seconds: 1 })
    await expect(tokmesh.createSession({ user_id: 'other', token })).rejects.toBeInstanceOf(ConflictError)
    await tokmesh.createSession({ user_id: 'refused' })
    const over = await tokmesh.createSession({ user_id: 'refused' }).catch((error: unknown) => error)
    expect(over).toBeInstanceOf(QuotaExceededError)
    expect(hasCode(over, 'TM-SESS-4002') && over.details).toMatchObject({ limit: 2 })
    await expect(tokmesh.createSession({ user_id: 'x'.repeat(129) })).rejects.toMatchObject({
      code: 'TM-SESS-4001',
      status: 400,
      requestId: expect.stringMatching(/^req-/),
    })
    const named = await tokmesh
      .getSession('nonsense', { requestId: 'from-the-client' })
      .catch((error: unknown) => error)
    expect(named).toBeInstanceOf(InvalidArgumentError)
    expect(named).toMatchObject({ code: 'TM-ARG-1001', requestId: 'from-the-client' })
    expect(await tokmesh.checkToken('nonsense')).toEqual({ valid: false, reason: 'malformed' })
    expect(await tokmesh.checkToken(`tmtk_${'x'.repeat(43)}`)).toEqual({ valid: false, reason: 'unknown' })
    await pause(1100)
    expect(await tokmesh.checkToken(token)).toEqual({ valid: false, reason: 'expired' })
    await expect(tokmesh.renewSession(session_id, { ttl_seconds: 9 })).rejects.toBeInstanceOf(SessionExpiredError)
  })

  it('finds sessions, page by page', async () => {
    const ids: string[] = []
    for (const device_id of ['a', 'b'])
      ids.push((await tokmesh.createSession({ user_id: 'ü &/?', device_id })).session_id)
    const page = await tokmesh.searchSessions({ user_id: 'ü &/?', sort_order: 'asc', fields: ['device_id'] })
    expect(page).toMatchObject({
      items: [
        { id: ids[0], device_id: 'a' },
        { id: ids[1], device_id: 'b' },
      ],
      total_items: 2,
    })
    const met: string[] = []
    for await (const { id } of tokmesh.eachSession({ user_id: 'ü &/?', size: 1 })) met.push(id)
    expect(met).toEqual(ids.toReversed())
    expect(await tokmesh.revokeUserSessions('ü &/?')).toEqual({ revoked_count: 2 })
  })

  it('manages keys, and is refused with a key that may not', async () => {
    const made = await tokmesh.createKey({ role: 'validator', allowedlist: ['127.0.0.1'] })
    const key = `${made.key_id}:${made.key_secret}`
    const validator = createTokMeshClient({ url: node.url, key })
    await expect(validator.createSession({ user_id: 'u' })).rejects.toBeInstanceOf(PermissionError)
    expect((await tokmesh.listKeys({ role: 'validator' })).items.map(({ key_id }) => key_id)).toEqual([made.key_id])
    const { new_key_secret } = await tokmesh.rotateKey(made.key_id)
    expect(new_key_secret).not.toBe(made.key_secret)
    expect(await tokmesh.setKeyStatus(made.key_id, { status: 'disabled' })).toMatchObject({ status: 'disabled' })
    await expect(validator.checkToken('nonsense')).rejects.toMatchObject({ code: 'TM-AUTH-4012' })
  })

  it('looks after the service', async () => {
    expect(await tokmesh.health()).toMatchObject({ status: 'healthy' })
    expect(await tokmesh.ready()).toMatchObject({ status: 'ready', checks: { storage: 'ok' } })
    expect((await tokmesh.statusSummary()).cluster_state).toBe('healthy')
    expect(await tokmesh.triggerGc({ type: 'memory' })).toMatchObject({ cleaned_count: 0 })
    await expect(tokmesh.triggerGc({ type: 'memory' })).rejects.toMatchObject({ code: 'TM-ADMIN-4291' })
    expect((await tokmesh.listNodes()).nodes).toHaveLength(1)
    expect((await tokmesh.listAuditEntries({ size: 1 })).items).toHaveLength(1)
  })

  it('was called by every operation that answers in the envelope', () => {
    const enveloped = operations.filter((declared) => !('answers' in declared)).map(({ id }) => id)
    expect([...called].sort()).toEqual(expect.arrayContaining(enveloped))
  })
})

it('says that a node is not ready, and that there is none', async () => {
  const node = await startNode('embedded', { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  const tokmesh = createTokMeshClient({ url: node.url, key: adminKey, retries: 1 })
  try {
    expect(await tokmesh.health()).toMatchObject({ status: 'healthy' })
    await expect(tokmesh.ready()).rejects.toBeInstanceOf(UnavailableError)
    await expect(tokmesh.createSession({ user_id: 'u' })).rejects.toBeInstanceOf(UnavailableError)
  } finally {
    await node.stop()
  }
  await expect(tokmesh.health()).rejects.toBeInstanceOf(NetworkError)
})
