import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey, databases, metricsKey, type Node, pause, startNode } from './support.ts'

const keyId = /^tmak-[0-7][0-9a-hjkmnp-tv-z]{25}$/
const secretPattern = /^tmas_[0-9A-Za-z]{43}$/
const unknownKey = 'tmak-01hzzzzzzzzzzzzzzzzzzzzzzz'

describe.each(databases)('API keys on %s', (kind) => {
  let node: Node

  beforeAll(async () => {
    node = await startNode(kind, {
      TOKMESH_SECURITY_AUTH_ROTATION_GRACE: '1s',
      TOKMESH_SECURITY_NETWORK_TRUSTED_PROXIES: '127.0.0.0/8,::1',
    })
  })
  afterAll(() => node?.stop())

  const admin = (method: string, path: string, body?: unknown) =>
    node.call(method, `/admin/v1${path}`, { key: adminKey, body })
  const create = (body: object) => admin('POST', '/keys', body)
  const setStatus = (id: string, status: string) => admin('POST', `/keys/${id}/status`, { status })
  /** A call that a key of any business role may make, and that finds nothing. */
  const knock = (key: string, headers: Record<string, string> = {}) =>
    node.call('GET', '/sessions/tmss-01hzzzzzzzzzzzzzzzzzzzzzzz', { key, headers })
  const letIn = { status: 404, code: 'TM-SESS-4040' }
  const idOf = (credential: string) => credential.slice(0, credential.indexOf(':'))
  const argon2Runs = async () => {
    const { text } = await node.call('GET', '/metrics', { key: metricsKey })
    return Number(/^tokmesh_auth_argon2_duration_seconds_count (\d+)$/m.exec(text)?.[1])
  }

  it('A02, A04: a new key has an id and a secret of the contract, and says when it ends', async () => {
    const { status, data } = await create({ role: 'validator', description: 'for a test' })
    expect(status).toBe(201)
    expect(Object.keys(data).sort()).toEqual(['created_at', 'expires_at', 'key_id', 'key_secret', 'warning'])
    expect(data.key_id).toMatch(keyId)
    expect(data.key_secret).toMatch(secretPattern)
    expect(data.expires_at).toBe(0)
    const day = 24 * 3_600_000
    expect((await create({ role: 'admin', expires_at: Date.now() + 364 * day })).data).not.toHaveProperty('warning')
    expect((await create({ role: 'admin', expires_at: Date.now() + 366 * day })).data.warning).toContain('365')
  })

  it('A28: what is stored of a secret is an Argon2id PHC string', async () => {
    const credential = await node.newKey('issuer')
    const row = await node.row('api_keys', idOf(credential))
    expect(row.secret_hash).toMatch(/^\$argon2id\$v=19\$m=8192,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(JSON.stringify(row)).not.toContain(credential.split(':')[1])
  })

  it('refuses bad values of a new key', async () => {
    const cases: readonly [object, string][] = [
      [{}, 'TM-ARG-1002'],
      [{ role: '' }, 'TM-ARG-1002'],
      [{ role: 'root' }, 'TM-ARG-1001'],
      [{ role: 'issuer', description: 'x'.repeat(257) }, 'TM-ARG-1001'],
      [{ role: 'issuer', allowedlist: ['10.0.0.0/33'] }, 'TM-ARG-1001'],
      [{ role: 'issuer', allowedlist: Array(101).fill('10.0.0.1') }, 'TM-ARG-1001'],
      [{ role: 'issuer', allowedlist: '10.0.0.1' }, 'TM-SYS-4000'],
      [{ role: 'issuer', rate_limit: 0 }, 'TM-ARG-1001'],
      [{ role: 'issuer', rate_limit: 1_000_001 }, 'TM-ARG-1001'],
      [{ role: 'issuer', rate_limit: 1.5 }, 'TM-ARG-1001'],
      [{ role: 'issuer', expires_at: -1 }, 'TM-ARG-1001'],
      [{ role: 'issuer', expires_at: 1e300 }, 'TM-ARG-1001'],
      [{ role: 'issuer', name: 'x' }, 'TM-SYS-4000'],
    ]
    for (const [body, code] of cases) expect([body, (await create(body)).code]).toEqual([body, code])
  })

  it('lists keys newest first, by page, role and status, and never a secret or hash', async () => {
    const made: string[] = []
    for (let i = 0; i < 3; i++) made.push(idOf(await node.newKey('metrics', { description: `d${i}` })))
    await setStatus(made[0] ?? '', 'disabled')
    const { data, text } = await admin('GET', '/keys?role=metrics&status=active&size=2')
    expect(data.items.map((item: { key_id: string }) => item.key_id)).toEqual([made[2], made[1]])
    expect(data.pagination).toEqual({ page: 1, size: 2, total: 3 })
    expect(data.total_items).toBe(3)
    const fields = 'allowedlist created_at created_by description expires_at grace_period_end key_id last_used_at'
    expect(Object.keys(data.items[0]).sort()).toEqual(`${fields} rate_limit role status`.split(' '))
    expect(data.items[0]).toMatchObject({ created_by: idOf(adminKey), description: 'd2', rate_limit: 1000 })
    expect(text).not.toMatch(/argon2|tmas_/)
    expect((await admin('GET', '/keys?status=disabled')).data.items[0].key_id).toBe(made[0])
    expect((await admin('GET', '/keys?page=90000000000000')).data.items).toEqual([])
    expect((await admin('GET', '/keys?page=&size=')).data.pagination).toMatchObject({ page: 1, size: 20 })
    for (const bad of [
      'size=0',
      'size=101',
      'size=1e1',
      'page=0',
      'page=-1',
      'role=root',
      'status=gone',
      'page=1&page=2',
    ])
      expect([bad, (await admin('GET', `/keys?${bad}`)).code]).toEqual([bad, 'TM-ARG-1001'])
    const past = await admin('GET', `/keys?page=${'9'.repeat(30)}`)
    expect([past.code, past.data.items]).toEqual(['OK', []])
    expect((await admin('GET', '/keys?size=10000')).message).toContain('100')
  })

  it('A30, A31: a key with an allow list opens only from there', async () => {
    const key = await node.newKey('validator', { allowedlist: ['192.168.1.0/24', '2001:db8::/32'] })
    expect(await knock(key, { 'X-Forwarded-For': '10.0.0.1' })).toMatchObject({ status: 403, code: 'TM-AUTH-4031' })
    expect(await knock(key, { 'X-Forwarded-For': '192.168.1.5' })).toMatchObject(letIn)
    expect(await knock(key, { Forwarded: 'for="[2001:db8::7]:443"' })).toMatchObject(letIn)
    const boss = await node.newKey('admin', { allowedlist: ['192.168.1.0/24'] })
    const refused = await node.call('GET', '/admin/v1/keys', { key: boss })
    expect(refused).toMatchObject({ status: 403, code: 'TM-ADMIN-4031' })
  })

  it('A32: a key limited to 10/s and driven at 20/s gets some TM-SYS-4290, with when to come back', async () => {
    const key = await node.newKey('validator', { rate_limit: 10 })
    const answers = []
    for (let i = 0; i < 30; i++) {
      answers.push(await knock(key))
      await pause(20)
    }
    const refused = answers.filter(({ code }) => code === 'TM-SYS-4290')
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThan(30)
    for (const { status, headers } of refused) {
      expect(status).toBe(429)
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(headers.get('x-ratelimit-limit')).toBe('10')
      expect(headers.get('x-ratelimit-remaining')).toBe('0')
      expect(Math.abs(Number(headers.get('x-ratelimit-reset')) - Date.now() / 1000)).toBeLessThan(3)
    }
    // Operators have to see which key it is: the log names the key.
    const warning = node.logged.find((line) => line.includes('TM-SYS-4290'))
    expect(JSON.parse(warning ?? '{}')).toMatchObject({ level: 'WARN', api_key_id: key.split(':')[0] })
    const passed = answers.find(({ code }) => code !== 'TM-SYS-4290')
    for (const name of ['retry-after', 'x-ratelimit-limit']) expect(passed?.headers.get(name)).toBeNull()
  })

  it('A33, A34: after a rotation both secrets work, after the grace only the new one', async () => {
    const old = await node.newKey('validator')
    await knock(old)
    const { data } = await admin('POST', `/keys/${idOf(old).toUpperCase()}/rotate`)
    expect(Object.keys(data).sort()).toEqual(['key_id', 'new_key_secret', 'old_secret_valid_until'])
    expect(Math.abs(data.old_secret_valid_until - Date.now() - 1000)).toBeLessThan(900)
    const fresh = `${data.key_id}:${data.new_key_secret}`
    expect(await knock(fresh)).toMatchObject(letIn)
    expect(await knock(old)).toMatchObject(letIn)
    await pause(1100)
    expect(await knock(old)).toMatchObject({ status: 401, code: 'TM-AUTH-4011' })
    expect(await knock(fresh)).toMatchObject(letIn)
    const listed = (await admin('GET', '/keys?role=validator&size=100')).data.items
    expect(listed.find(({ key_id }: { key_id: string }) => key_id === data.key_id).grace_period_end).toBe(0)
    expect((await admin('POST', `/keys/${unknownKey}/rotate`)).code).toBe('TM-ADMIN-4041')
    expect((await admin('POST', `/keys/${idOf(old)}/rotate`, { why: 'x' })).code).toBe('TM-SYS-4000')
    expect((await admin('POST', '/keys/nonsense/rotate', {})).code).toBe('TM-ARG-1001')
  })

  it('A35: an expired key is TM-AUTH-4011, and rotating it TM-ARG-1003', async () => {
    const key = await node.newKey('validator', { expires_at: Date.now() - 1 })
    expect(await knock(key)).toMatchObject({ status: 401, code: 'TM-AUTH-4011' })
    expect((await admin('POST', `/keys/${idOf(key)}/rotate`)).code).toBe('TM-ARG-1003')
  })

  it('A75: disabling a key takes effect on the next call, and can be undone', async () => {
    const key = await node.newKey('validator')
    expect(await knock(key)).toMatchObject(letIn)
    const { data } = await setStatus(idOf(key), 'disabled')
    expect(data).toEqual({ key_id: idOf(key), status: 'disabled', updated_at: expect.any(Number) })
    expect(await knock(key)).toMatchObject({ status: 401, code: 'TM-AUTH-4012' })
    expect((await admin('POST', `/keys/${idOf(key)}/rotate`)).status).toBe(200)
    expect((await setStatus(idOf(key), 'active')).data.status).toBe('active')
    expect(await knock(key)).toMatchObject(letIn)
    expect((await setStatus(unknownKey, 'disabled')).code).toBe('TM-ADMIN-4041')
    expect((await setStatus(idOf(key), 'gone')).code).toBe('TM-ARG-1001')
    expect((await setStatus(idOf(key), '')).code).toBe('TM-ARG-1002')
  })

  it('A77: a cache hit performs no Argon2id', async () => {
    const key = await node.newKey('validator')
    await knock(key)
    const before = await argon2Runs()
    for (let i = 0; i < 10; i++) expect(await knock(key)).toMatchObject(letIn)
    expect(await argon2Runs()).toBe(before)
    await knock(`${idOf(key)}:tmas_${randomBytes(22).toString('hex')}`)
    expect(await argon2Runs()).toBe(before + 1)
  })

  it('A53: roles open what the contract says, and nothing else', async () => {
    const keys = {
      none: undefined,
      metrics: metricsKey,
      validator: await node.newKey('validator'),
      issuer: await node.newKey('issuer'),
      admin: adminKey,
    }
    const session = '/sessions/tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
    const business = { none: 401, metrics: 403, validator: 403, issuer: 0, admin: 0 }
    const reading = { ...business, validator: 0 }
    const admins = { none: 401, metrics: 403, validator: 403, issuer: 403, admin: 0 }
    const table: readonly [string, string, Record<keyof typeof keys, number>][] = [
      ['POST', '/sessions', business],
      ['GET', session, reading],
      ['POST', `${session}/touch`, business],
      ['POST', `${session}/renew`, business],
      ['POST', `${session}/revoke`, business],
      ['POST', '/users/u/sessions/revoke', business],
      ['POST', '/tokens/validate', reading],
      ['GET', '/metrics', { none: 401, metrics: 0, validator: 403, issuer: 403, admin: 0 }],
      ['POST', '/admin/v1/keys', admins],
      ['GET', '/admin/v1/keys', admins],
      ['POST', `/admin/v1/keys/${unknownKey}/status`, admins],
      ['POST', `/admin/v1/keys/${unknownKey}/rotate`, admins],
      ['GET', '/admin/v1/nothing', admins],
      ['DELETE', '/admin/v1/keys', admins],
    ]
    for (const [method, path, expected] of table) {
      for (const [role, key] of Object.entries(keys)) {
        const { status, code } = await node.call(method, path, { key })
        const refused = status === 401 || status === 403 ? status : 0
        expect([method, path, role, refused]).toEqual([method, path, role, expected[role as keyof typeof keys]])
        if (refused === 401) expect(code).toBe('TM-AUTH-4010')
        if (refused === 403) expect(code).toBe(path.startsWith('/admin') ? 'TM-ADMIN-4030' : 'TM-AUTH-4030')
      }
    }
  })

  it('takes a key in either header, Bearer first', async () => {
    const key = await node.newKey('validator')
    const with_ = (headers: Record<string, string>) => node.call('GET', '/sessions/x', { headers })
    const inside = { code: 'TM-ARG-1001' }
    expect(await with_({ 'X-API-Key': key })).toMatchObject(inside)
    expect(await with_({ Authorization: `bEARER ${key}` })).toMatchObject(inside)
    expect(await with_({ Authorization: 'Basic abc', 'X-API-Key': key })).toMatchObject(inside)
    expect(await with_({ Authorization: 'Bearer nonsense', 'X-API-Key': key })).toMatchObject({ code: 'TM-AUTH-4010' })
    expect(await with_({ Authorization: `Bearer ${key.toUpperCase()}` })).toMatchObject({ code: 'TM-AUTH-4010' })
    const [id = '', secret = ''] = key.split(':')
    expect(await with_({ Authorization: `Bearer ${id.toUpperCase()}:${secret}` })).toMatchObject(inside)
    const failed = await with_({ Authorization: `Bearer ${unknownKey}:${secret}` })
    expect(failed).toMatchObject({ status: 401, code: 'TM-AUTH-4011' })
  })

  it('warns when the last admin key is disabled, and does it', async () => {
    const { data } = await admin('GET', '/keys?role=admin&status=active&size=100')
    const others = data.items
      .map((item: { key_id: string }) => item.key_id)
      .filter((id: string) => id !== idOf(adminKey))
    for (const id of others) expect((await setStatus(id, 'disabled')).data).not.toHaveProperty('warning')
    expect((await setStatus(idOf(adminKey), 'disabled')).data.warning).toContain('admin')
    expect((await admin('GET', '/keys')).code).toBe('TM-AUTH-4012')
  })
})

it('A78: a forged X-Forwarded-For is ignored by default', async () => {
  const node = await startNode('postgres')
  try {
    const key = await node.newKey('issuer', { allowedlist: ['10.0.0.1'] })
    const headers = { 'X-Forwarded-For': '10.0.0.1', 'X-Real-IP': '10.0.0.1', Forwarded: 'for=10.0.0.1' }
    const forged = await node.call('POST', '/sessions', { key, headers, body: { user_id: 'u' } })
    expect(forged).toMatchObject({ status: 403, code: 'TM-AUTH-4031' })
    const { data } = await node.call('POST', '/sessions', { key: adminKey, headers, body: { user_id: 'u' } })
    const session = await node.call('GET', `/sessions/${data.session_id}`, { key: adminKey })
    expect(session.data.ip_address).toBe('127.0.0.1')
  } finally {
    await node.stop()
  }
})
