import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, entriesOf, idOf, keysPath, probe, unknownKey, unknownSession } from './audit-log.ts'
import { adminKey, type CallOptions, databases, metricsKey, type Node, startNode } from './support.ts'

describe.each(databases)('the audit log of what is refused on %s', (kind) => {
  let node: Node
  beforeAll(async () => {
    node = await startNode(kind, {
      TOKMESH_SECURITY_NETWORK_TRUSTED_PROXIES: '127.0.0.0/8,::1',
      TOKMESH_SESSION_QUOTA_MAX_PER_USER: '2',
    })
  })
  afterAll(() => node?.stop())
  const session = async (user_id: string) =>
    (await node.call('POST', '/sessions', { key: adminKey, body: { user_id } })).data.session_id

  it('has the failures of writes, whatever stage they failed at', async () => {
    const validator = await node.newKey('validator')
    const [sessionId, keyId] = [await session('failing'), idOf(await node.newKey('issuer'))]
    const writes: readonly [path: string, action: string, resource: string, ...bad: [string, unknown, string?][]][] = [
      ['/sessions', 'SESSION_CREATED', '', ['TM-ARG-1002', {}], ['TM-SESS-4001', { user_id: 'x'.repeat(129) }]],
      [
        `/sessions/${sessionId}/renew`,
        'SESSION_RENEWED',
        `session:${sessionId}`,
        ['TM-ARG-1002', {}],
        ['TM-ARG-1001', { ttl_seconds: 0 }],
      ],
      [
        `/sessions/${unknownSession}/renew`,
        'SESSION_RENEWED',
        `session:${unknownSession}`,
        ['TM-SESS-4040', { ttl_seconds: 9 }],
      ],
      [`/sessions/${sessionId}/revoke`, 'SESSION_REVOKED', `session:${sessionId}`],
      ['/sessions/nonsense/revoke', 'SESSION_REVOKED', '', ['TM-ARG-1001', {}]],
      ['/users/Some%20one/sessions/revoke', 'USER_SESSIONS_REVOKED', 'user:Some one'],
      ['/users/%E0%A4%A/sessions/revoke', 'USER_SESSIONS_REVOKED', '', ['TM-ARG-1001', {}]],
      [keysPath, 'KEY_CREATED', '', ['TM-ARG-1002', {}], ['TM-ARG-1001', { role: 'root' }]],
      [
        `${keysPath}/${keyId}/status`,
        'KEY_DISABLED',
        `key:${keyId}`,
        ['TM-ARG-1002', {}],
        ['TM-ARG-1001', { status: 'gone' }],
      ],
      [`${keysPath}/${unknownKey}/status`, 'KEY_ENABLED', `key:${unknownKey}`, ['TM-ADMIN-4041', { status: 'active' }]],
      [
        `${keysPath}/${unknownKey}/status`,
        'KEY_DISABLED',
        `key:${unknownKey}`,
        ['TM-ADMIN-4041', { status: 'disabled' }],
      ],
      [`${keysPath}/${unknownKey}/rotate`, 'KEY_ROTATED', `key:${unknownKey}`, ['TM-ADMIN-4041', {}]],
      ['/admin/v1/gc/trigger', 'GC_TRIGGERED', '', ['TM-ARG-1001', { type: 'nonsense' }]],
    ]
    const expected: object[] = []
    const agents: string[] = []
    const fail = async (path: string, options: CallOptions, code: string | RegExp, entry: object) => {
      const answer = await probe(node, 'POST', path, options)
      expect(answer.code).toMatch(code)
      agents.push(answer.agent)
      expected.push({
        ...entry,
        result: 'FAILURE',
        user_agent: answer.agent,
        details: expect.objectContaining({ code: answer.code }),
      })
    }
    for (const [path, action, resource, ...bad] of writes) {
      const generic = action === 'KEY_ENABLED' ? 'KEY_DISABLED' : action
      const at = { resource, operator_id: admin, action: generic }
      await fail(path, { key: validator, body: {} }, /TM-(AUTH|ADMIN)-4030/, { ...at, operator_id: idOf(validator) })
      await fail(path, { body: {}, headers: { 'X-Nonce': 'n' } }, 'TM-ARG-1002', at)
      await fail(path, { body: {}, headers: { 'X-Nonce': 'n', 'X-Timestamp': '1' } }, 'TM-AUTH-4014', at)
      await fail(path, { body: '{' }, 'TM-SYS-4000', at)
      await fail(path, { body: { nonsense: 1 } }, 'TM-SYS-4000', at)
      await fail(path, { body: {}, headers: { 'Content-Type': 'text/plain' } }, 'TM-SYS-4000', at)
      await fail(path, { body: `{"a":"${'x'.repeat(1_100_000)}"}` }, /TM-(SYS|ADMIN)-4130/, at)
      for (const [code, body] of bad) await fail(path, { body }, code, { ...at, action })
    }
    await session('quota')
    await session('quota')
    const quota = { action: 'SESSION_CREATED', operator_id: admin, resource: '' }
    await fail('/sessions', { body: { user_id: 'quota' } }, 'TM-SESS-4002', quota)
    expect(await entriesOf(node, ...agents)).toMatchObject(expected)
    expect(expected.length).toBeGreaterThan(90)
  })

  it('has every failed key check, on every route, also where nothing is', async () => {
    const good = await node.newKey('admin')
    const disabled = await node.newKey('admin')
    await node.call('POST', `${keysPath}/${idOf(disabled)}/status`, { key: adminKey, body: { status: 'disabled' } })
    const bad: readonly [reason: string, credential: string][] = [
      ['unknown', adminKey.replace(admin, unknownKey)],
      ['disabled', disabled],
      ['expired', await node.newKey('admin', { expires_at: 1 })],
      ['ip', await node.newKey('admin', { allowedlist: ['10.0.0.1'] })],
      ['secret', `${good.slice(0, -3)}xyz`],
    ]
    const routes: readonly [method: string, path: string, route: string][] = [
      ['POST', '/sessions', 'POST /sessions'],
      ['GET', `/sessions/${unknownSession}`, 'GET /sessions/{session_id}'],
      ['POST', '/tokens/validate', 'POST /tokens/validate'],
      ['POST', `${keysPath}/${unknownKey}/status`, 'POST /admin/v1/keys/{key_id}/status'],
      ['GET', '/admin/v1/audit/logs', 'GET /admin/v1/audit/logs'],
      ['GET', '/metrics', 'GET /metrics'],
      ['GET', '/admin/v1/nothing', 'GET unmatched'],
      ['PUT', keysPath, 'PUT /admin/v1/keys'],
    ]
    const [agents, expected]: [string[], object[]] = [[], []]
    for (const [reason, key] of bad) {
      for (const [method, path, route] of routes) {
        const answer = await probe(node, method, path, { key, headers: { 'X-Forwarded-For': '198.51.100.7' } })
        expect([401, 403]).toContain(answer.status)
        agents.push(answer.agent)
        expected.push({
          ...{ action: 'AUTH_FAILED', result: 'FAILURE', operator_id: idOf(key), resource: `route:${route}` },
          ...{ client_ip: '198.51.100.7', ip_address: '198.51.100.7', tcp_remote_ip: '127.0.0.1' },
          details: { code: answer.code, reason },
        })
      }
    }
    expect(await entriesOf(node, ...agents)).toMatchObject(expected)
  })

  it('has no entry of reads, touches, validations, missing credentials and rates', async () => {
    const slow = await node.newKey('admin', { rate_limit: 1 })
    const { data } = await node.call('POST', '/sessions', { key: adminKey, body: { user_id: 'quiet' } })
    const path = `/sessions/${data.session_id}`
    const calls: readonly [string, string, CallOptions?][] = [
      ['GET', path],
      ['GET', `/sessions/${unknownSession}`],
      ['POST', `${path}/touch`],
      ['POST', `/sessions/${unknownSession}/touch`],
      ['POST', '/tokens/validate', { body: { token: data.token } }],
      ['POST', '/tokens/validate', { body: { token: data.token, touch: true } }],
      ['POST', '/tokens/validate', { body: { token: `tmtk_${'x'.repeat(43)}` } }],
      ['GET', keysPath],
      ['GET', keysPath, { key: metricsKey }],
      ['GET', '/admin/v1/status/summary'],
      ['GET', '/admin/v1/cluster/nodes'],
      ['GET', '/admin/v1/audit/logs?page=0'],
      ['GET', '/metrics'],
      ['GET', '/metrics', { key: await node.newKey('issuer') }],
      ['GET', '/health'],
      ['GET', '/nowhere'],
      ['PUT', '/sessions'],
      ['POST', '/sessions', { key: undefined, body: { user_id: 'u' } }],
      ['POST', keysPath, { key: '', body: { role: 'admin' } }],
      ['POST', '/sessions', { key: 'nonsense' }],
      ['POST', '/sessions', { key: `${unknownKey}:tmas_short` }],
    ]
    const agents: string[] = []
    for (const [method, at, options] of calls) agents.push((await probe(node, method, at, options)).agent)
    const limited = await Promise.all(
      Array.from({ length: 10 }, () => probe(node, 'POST', `${path}/revoke`, { key: slow })),
    )
    const over = limited.filter(({ code }) => code === 'TM-SYS-4290')
    expect(over.length).toBeGreaterThan(5)
    agents.push(...over.map(({ agent }) => agent))
    expect(await entriesOf(node, ...agents)).toEqual([])
  })
})
