import { createHash } from 'node:crypto'
import { until } from '@honoscope/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey, databases, type Node, pause, startNode } from './support.ts'

const sessionId = /^tmss-[0-7][0-9a-hjkmnp-tv-z]{25}$/
const ownToken = () => `tmtk_${crypto.randomUUID().replaceAll('-', '')}_abcdefghi-`

describe.each(databases)('sessions on %s', (kind) => {
  let node: Node
  let issuer: string
  let validator: string
  let users = 0

  beforeAll(async () => {
    node = await startNode(kind, { TOKMESH_SESSION_QUOTA_MAX_PER_USER: '50' })
    issuer = await node.newKey('issuer', { rate_limit: 100_000 })
    validator = await node.newKey('validator', { rate_limit: 100_000 })
  })
  afterAll(() => node?.stop())

  const user = () => `acceptance-user-${++users}`
  const create = (body: object = {}, headers: Record<string, string> = {}) =>
    node.call('POST', '/sessions', { key: issuer, body: { user_id: user(), ...body }, headers })
  const read = (id: string) => node.call('GET', `/sessions/${id}`, { key: validator })
  const validate = (token: unknown, more: object = {}, headers: Record<string, string> = {}) =>
    node.call('POST', '/tokens/validate', { key: validator, body: { token, ...more }, headers })
  const post = (path: string, body?: unknown) => node.call('POST', path, { key: issuer, body })

  it('A01, A05: ids have the form of the contract and ascend', async () => {
    const ids: string[] = []
    for (let i = 0; i < 20; i++) ids.push((await create()).data.session_id)
    for (const id of ids) expect(id).toMatch(sessionId)
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('A03, A12, A37: a create without a token answers with a generated one, and when it ends', async () => {
    const before = Date.now()
    const { status, data } = await create({ ttl_seconds: 60 })
    expect(status).toBe(201)
    expect(Object.keys(data).sort()).toEqual(['expires_at', 'session_id', 'token'])
    expect(data.token).toMatch(/^tmtk_[A-Za-z0-9_-]{43}$/)
    expect(data.expires_at).toBeGreaterThanOrEqual(before + 60_000)
    expect(data.expires_at).toBeLessThanOrEqual(Date.now() + 60_000)
  })

  it('A13, A37: a create with a token repeats it unchanged; the default ttl is 2 h', async () => {
    const token = ownToken()
    const { data } = await create({ token })
    expect(data.token).toBe(token)
    expect(Math.abs(data.expires_at - Date.now() - 7_200_000)).toBeLessThan(5000)
  })

  it('A07, A08, A14: 17 fields are stored, and of the token only the hash', async () => {
    const { data } = await create({ data: { k: 'v' } })
    const row = await node.row('sessions', data.session_id)
    const fields =
      'id user_id token_hash ip_address user_agent last_access_ip last_access_ua device_id created_by created_at ' +
      'expires_at last_active data version shard_id ttl is_deleted'
    expect(Object.keys(row)).toEqual(expect.arrayContaining(fields.split(' ')))
    const hash = createHash('sha256').update(data.token).digest('hex')
    expect(row.token_hash).toBe(`tmth_${hash}`)
    expect(JSON.stringify(row)).not.toContain(data.token)
  })

  it('A09: data above 4096 bytes is TM-SESS-4001, at 4096 it is taken', async () => {
    const fill = (bytes: number) => {
      const data: Record<string, string> = {}
      for (let i = 0; i < 4; i++) data[`k${i}`] = 'x'.repeat(1000)
      data.rest = 'x'.repeat(bytes - Buffer.byteLength(JSON.stringify({ ...data, rest: '' })))
      return data
    }
    expect((await create({ data: fill(4096) })).status).toBe(201)
    expect(await create({ data: fill(4097) })).toMatchObject({ status: 400, code: 'TM-SESS-4001' })
  })

  it('A10: the 51st active session of a user is TM-SESS-4002; a revoke makes room', async () => {
    const user_id = user()
    const made = await Promise.all(Array.from({ length: 50 }, () => create({ user_id })))
    expect(made.every(({ status }) => status === 201)).toBe(true)
    const refused = await create({ user_id })
    expect(refused).toMatchObject({ status: 429, code: 'TM-SESS-4002', details: { limit: 50, count: 50 } })
    expect(refused.headers.get('retry-after')).toBeNull()
    await post(`/sessions/${made[0]?.data.session_id}/revoke`)
    expect((await create({ user_id })).status).toBe(201)
  })

  it('A10: parallel creates never exceed the quota', async () => {
    const user_id = user()
    const made = await Promise.all(Array.from({ length: 80 }, () => create({ user_id })))
    expect(made.filter(({ status }) => status === 201)).toHaveLength(50)
    expect(made.filter(({ code }) => code === 'TM-SESS-4002')).toHaveLength(30)
  })

  it('A11: of parallel creates with one token exactly one succeeds', async () => {
    const token = ownToken()
    const made = await Promise.all(Array.from({ length: 20 }, () => create({ token })))
    expect(made.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(made.filter(({ code }) => code === 'TM-TOKN-4090')).toHaveLength(19)
  })

  it('A15: validate returns the full response-visible session', async () => {
    const user_id = user()
    const { data } = await create(
      { user_id, device_id: 'd1', data: { a: 'b', '': 'empty', é: '𝄞' } },
      { 'User-Agent': 'UA/1' },
    )
    const { status, data: valid } = await validate(data.token)
    expect(status).toBe(200)
    const created_by = issuer.split(':')[0]
    const { created_at, last_active, expires_at } = valid.session
    expect(valid).toEqual({
      valid: true,
      session: {
        ...{ id: data.session_id, user_id, device_id: 'd1', created_by, version: 1 },
        ...{ ip_address: '127.0.0.1', user_agent: 'UA/1', last_access_ip: '127.0.0.1', last_access_ua: 'UA/1' },
        ...{ created_at, last_active, expires_at },
        data: { a: 'b', '': 'empty', é: '𝄞' },
      },
    })
    expect(last_active).toBe(created_at)
    expect(expires_at).toBe(data.expires_at)
    expect((await read(data.session_id)).data).toEqual(valid.session)
    expect((await read(data.session_id.toUpperCase())).data).toEqual(valid.session)
  })

  it('A15: optional fields are there when they are empty, and hostile names in data are just names', async () => {
    const plain = await create()
    expect((await read(plain.data.session_id)).data).toMatchObject({ device_id: '', data: {} })
    const body = `{"user_id":"${user()}","data":{"__proto__":"p","constructor":"c"}}`
    const hostile = await node.call('POST', '/sessions', { key: issuer, body })
    const { text } = await read(hostile.data.session_id)
    expect(text).toContain('"data":{"__proto__":"p","constructor":"c"}')
    expect(({} as { p?: string }).p).toBeUndefined()
  })

  it('A16: an unknown token is TM-TOKN-4010, a malformed one TM-TOKN-4000, a missing one TM-ARG-1002', async () => {
    const details = { valid: false }
    expect(await validate(ownToken())).toMatchObject({ status: 401, code: 'TM-TOKN-4010', details })
    expect(await validate('tmtk_short')).toMatchObject({ status: 400, code: 'TM-TOKN-4000', details })
    expect(await validate(undefined)).toMatchObject({ status: 400, code: 'TM-ARG-1002' })
    expect(await validate('')).toMatchObject({ status: 400, code: 'TM-ARG-1002' })
    expect((await create({ token: '' })).code).toBe('TM-TOKN-4000')
    expect((await create({ token: '' })).details).toBeUndefined()
  })

  it('A17, A21, A26: after its ttl a session is expired, and a renew does not revive it', async () => {
    const { data } = await create({ ttl_seconds: 1 })
    await pause(1500)
    expect(await validate(data.token)).toMatchObject({ status: 401, code: 'TM-TOKN-4011', details: { valid: false } })
    expect(await read(data.session_id)).toMatchObject({ status: 404, code: 'TM-SESS-4041' })
    const renewed = await post(`/sessions/${data.session_id}/renew`, { ttl_seconds: 60 })
    expect(renewed.code).toBe('TM-SESS-4041')
    expect((await post(`/sessions/${data.session_id}/touch`)).code).toBe('TM-SESS-4041')
    expect((await post(`/sessions/${data.session_id}/revoke`)).status).toBe(200)
    expect((await validate(data.token)).code).toBe('TM-TOKN-4011')
  })

  it('A18: validate with touch sets last_active and the last access, and shows the session after it', async () => {
    const { data } = await create({}, { 'User-Agent': 'first' })
    const before = (await read(data.session_id)).data
    await pause(5)
    const { data: valid } = await validate(data.token, { touch: true }, { 'User-Agent': 'second' })
    expect(valid.session).toMatchObject({ last_access_ua: 'second', user_agent: 'first', version: before.version + 1 })
    expect(valid.session.last_active).toBeGreaterThan(before.last_active)
    expect(valid.session.expires_at).toBe(before.expires_at)
    expect((await read(data.session_id)).data).toEqual(valid.session)
  })

  it('A73: validate without touch leaves no trace', async () => {
    const { data } = await create()
    const before = (await read(data.session_id)).text.replace(/.*"data":/, '')
    await pause(5)
    await validate(data.token, { touch: false }, { 'User-Agent': 'nobody' })
    expect((await read(data.session_id)).text.replace(/.*"data":/, '')).toBe(before)
  })

  it('A19, A20: a renew sets the expiry from now and leaves the rest', async () => {
    const { data } = await create({ ttl_seconds: 600 }, { 'User-Agent': 'creator' })
    const before = (await read(data.session_id)).data
    await pause(5)
    const calledAt = Date.now()
    const { data: renewed } = await node.call('POST', `/sessions/${data.session_id}/renew`, {
      ...{ key: adminKey, body: { ttl_seconds: 60 }, headers: { 'User-Agent': 'renewer' } },
    })
    expect(Math.abs(renewed.new_expires_at - calledAt - 60_000)).toBeLessThan(2000)
    const { data: after } = await read(data.session_id)
    const { last_active } = after
    expect(after).toEqual({ ...before, last_active, expires_at: renewed.new_expires_at, version: before.version + 1 })
    expect(last_active).toBeGreaterThan(before.last_active)
  })

  it('A22, A23, A38, A50: a revoke ends the session at once, and again is fine', async () => {
    const { data } = await create()
    for (const body of [undefined, {}, { sync: true }, { sync: false }]) {
      expect(await post(`/sessions/${data.session_id}/revoke`, body)).toMatchObject({ status: 200, data: {} })
    }
    expect(await read(data.session_id)).toMatchObject({ status: 404, code: 'TM-SESS-4040' })
    expect(await validate(data.token)).toMatchObject({ status: 401, code: 'TM-TOKN-4012', details: { valid: false } })
    const unknown = 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
    expect((await post(`/sessions/${unknown}/revoke`, { sync: true })).status).toBe(200)
    expect((await post('/sessions/nonsense/revoke')).code).toBe('TM-ARG-1001')
  })

  it('A81: revoked, then expired, then removed', async () => {
    const { data } = await create({ ttl_seconds: 1 })
    await post(`/sessions/${data.session_id}/revoke`)
    await pause(1200)
    expect((await read(data.session_id)).code).toBe('TM-SESS-4041')
    expect((await validate(data.token)).code).toBe('TM-TOKN-4011')
    expect((await create({ token: data.token })).code).toBe('TM-TOKN-4090')
    // The embedded database has one user, who knows of no row that somebody else removes; its sweep has tests of its own.
    if (kind === 'embedded') return
    await node.remove('sessions', data.session_id)
    // The node is told of it, a moment later.
    await until(async () => (await read(data.session_id)).code === 'TM-SESS-4040')
    expect((await validate(data.token)).code).toBe('TM-TOKN-4010')
  })

  it('A40: reading leaves the session as it is', async () => {
    const { data } = await create()
    const first = (await read(data.session_id)).data
    await pause(5)
    for (let i = 0; i < 3; i++) expect((await read(data.session_id)).data).toEqual(first)
  })

  it('A41: a repeated touch never lowers last_active, and changes nothing else', async () => {
    const { data } = await create()
    let last = (await read(data.session_id)).data
    for (let i = 0; i < 5; i++) {
      await pause(2)
      const { status, data: touched } = await post(`/sessions/${data.session_id}/touch`, i % 2 ? {} : undefined)
      expect(status).toBe(200)
      expect(touched.last_active).toBeGreaterThanOrEqual(last.last_active)
      const { last_active, version } = touched
      expect(touched).toEqual({ ...last, last_active, version })
      last = touched
    }
  })

  it('A45: a projected touch keeps the five fields', async () => {
    const { data } = await create({ data: { a: 'b' } })
    const touch = (fields: string) => post(`/sessions/${data.session_id}/touch?fields=${fields}`)
    const kept = ['expires_at', 'id', 'last_active', 'user_id', 'version']
    expect(Object.keys((await touch('id,last_active')).data).sort()).toEqual(kept)
    expect(Object.keys((await touch(' data , data')).data).sort()).toEqual(['data', ...kept])
    expect(Object.keys((await touch('')).data)).toHaveLength(13)
    for (const bad of ['token_hash', 'id,,data', 'nope']) expect((await touch(bad)).code).toBe('TM-ARG-1001')
    expect((await touch('id&fields=data')).code).toBe('TM-ARG-1001')
  })

  it('A52: an unknown id is TM-SESS-4040, a malformed one TM-ARG-1001', async () => {
    const unknown = 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
    expect(await read(unknown)).toMatchObject({ status: 404, code: 'TM-SESS-4040' })
    expect((await post(`/sessions/${unknown}/renew`, { ttl_seconds: 1 })).code).toBe('TM-SESS-4040')
    expect((await post(`/sessions/${unknown}/touch`)).code).toBe('TM-SESS-4040')
    for (const bad of ['nonsense', 'tmss-81hzzzzzzzzzzzzzzzzzzzzzzz', 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzi', '%00', '%zz'])
      expect((await read(bad)).code).toBe('TM-ARG-1001')
  })

  it('A71, A82: rules on values have their own codes', async () => {
    const cases: readonly [object, string][] = [
      [{ user_id: 'x'.repeat(129) }, 'TM-SESS-4001'],
      [{ user_id: '𝄞'.repeat(128) }, ''],
      [{ user_id: '' }, 'TM-ARG-1002'],
      [{ device_id: 'x'.repeat(129) }, 'TM-SESS-4001'],
      [{ data: { ['k'.repeat(65)]: 'v' } }, 'TM-SESS-4001'],
      [{ data: { k: 'v'.repeat(1025) } }, 'TM-SESS-4001'],
      [{ data: { k: 1 } }, 'TM-SYS-4000'],
      [{ ttl_seconds: 0 }, 'TM-ARG-1001'],
      [{ ttl_seconds: -5 }, 'TM-ARG-1001'],
      [{ ttl_seconds: 1.5 }, 'TM-ARG-1001'],
      [{ ttl_seconds: '60' }, 'TM-SYS-4000'],
      [{ ttl_seconds: 720 * 3600 }, ''],
      [{ ttl_seconds: 720 * 3600 + 1 }, 'TM-SESS-4001'],
      [{ token: 'tmtk_short' }, 'TM-TOKN-4000'],
      [{ ip_address: '1.2.3.4' }, 'TM-SYS-4000'],
    ]
    for (const [body, code] of cases) {
      const answer = await create(body)
      expect([body, answer.code === 'OK' ? '' : answer.code]).toEqual([body, code])
    }
    const numbers: readonly [string, string][] = [
      ['60.0', 'OK'],
      ['6e1', 'OK'],
      ['1e999', 'TM-SESS-4001'],
      ['-1e999', 'TM-ARG-1001'],
      ['null', 'TM-SYS-4000'],
    ]
    for (const [number, code] of numbers) {
      const body = `{"user_id":"${user()}","ttl_seconds":${number}}`
      expect([number, (await node.call('POST', '/sessions', { key: issuer, body })).code]).toEqual([number, code])
    }
  })

  it('A74: of 100 parallel renews more than 90 succeed, and the rest are TM-SESS-4091 with Retry-After', async () => {
    const { data } = await create()
    const calls = Array.from({ length: 100 }, () => post(`/sessions/${data.session_id}/renew`, { ttl_seconds: 60 }))
    const answers = await Promise.all(calls)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(90)
    for (const { status, code, headers } of answers.filter(({ status }) => status !== 200)) {
      expect([status, code, headers.get('retry-after')]).toEqual([409, 'TM-SESS-4091', '1'])
    }
  })

  it('A49 (its first half): a bulk revoke ends the active sessions of one user, named in the path', async () => {
    const user_id = `Ünï/%25 ${user()}`
    const made = await Promise.all(Array.from({ length: 3 }, () => create({ user_id })))
    const other = await create()
    const path = `/users/${encodeURIComponent(user_id)}/sessions/revoke`
    expect((await post(path, { sync: true })).data).toEqual({ revoked_count: 3 })
    expect((await post(path)).data).toEqual({ revoked_count: 0 })
    for (const { data } of made) expect((await validate(data.token)).code).toBe('TM-TOKN-4012')
    expect((await validate(other.data.token)).status).toBe(200)
    expect((await post(`/users/${'x'.repeat(129)}/sessions/revoke`)).code).toBe('TM-SESS-4001')
    for (const bad of ['%zz', '%ff', '%00', '%'])
      expect((await post(`/users/${bad}/sessions/revoke`)).code).toBe('TM-ARG-1001')
  })

  it('A87 (its first half): no line of the log holds a user id, a token or a secret', () => {
    expect(node.logged.length).toBeGreaterThan(100)
    for (const line of node.logged) {
      expect(line).not.toMatch(/acceptance-user|tmtk_[^*]|tmas_[^*]|tmth_[^*]/)
      expect(JSON.parse(line)).toMatchObject({ timestamp: expect.any(String), level: expect.any(String) })
    }
    expect(node.logged.some((line) => line.includes('"level":"ERROR"'))).toBe(false)
  })
})

it('A39: a bulk revoke of more than 1000 sessions revokes none', async () => {
  const node = await startNode('postgres', { TOKMESH_SESSION_QUOTA_MAX_PER_USER: '2000' })
  try {
    const key = await node.newKey('issuer', { rate_limit: 1_000_000 })
    const create = () => node.call('POST', '/sessions', { key, body: { user_id: 'many' } })
    for (let i = 0; i < 1000; i += 50) await Promise.all(Array.from({ length: 50 }, create))
    const last = await create()
    const revoke = () => node.call('POST', '/users/many/sessions/revoke', { key })
    expect(await revoke()).toMatchObject({ code: 'TM-SESS-4002', status: 429, details: { limit: 1000, count: 1001 } })
    const validate = () => node.call('POST', '/tokens/validate', { key, body: { token: last.data.token } })
    expect((await validate()).status).toBe(200)
    await node.call('POST', `/sessions/${last.data.session_id}/revoke`, { key })
    expect((await revoke()).data).toEqual({ revoked_count: 1000 })
  } finally {
    await node.stop()
  }
})
