import { connect } from 'node:net'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditActions } from '../domain/audit.ts'
import { adminKey, type CallOptions, databases, metricsKey, type Node, pause, startNode } from './support.ts'

const idOf = (credential: string) => credential.slice(0, credential.indexOf(':'))
const admin = idOf(adminKey)
const keysPath = '/admin/v1/keys'
const unknownSession = 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
const unknownKey = 'tmak-01hzzzzzzzzzzzzzzzzzzzzzzz'

// biome-ignore lint/suspicious/noExplicitAny: tests look into entries of every shape.
type Entry = any

/** Pages through the whole log, newest first. */
async function wholeLog(node: Node, query = ''): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let page = 1; ; page++) {
    const { data } = await node.call('GET', `/admin/v1/audit/logs?size=100&page=${page}${query}`, { key: adminKey })
    entries.push(...data.items)
    if (data.items.length < 100) return entries
  }
}

let probes = 0
/** Makes a call under a `User-Agent` of its own, by which `entriesOf` finds what was written about it. */
async function probe(node: Node, method: string, path: string, { headers, ...options }: CallOptions = {}) {
  const agent = `probe ${++probes}`
  const answer = await node.call(method, path, {
    key: adminKey,
    headers: { 'User-Agent': agent, ...headers },
    ...options,
  })
  return { ...answer, agent }
}

/** Makes a call and waits until its entry is there: within a second, as the contract says, unless the sink was away. */
async function caughtUp(node: Node, withinMs = 1000): Promise<void> {
  const marker = await probe(node, 'POST', `/sessions/${unknownSession}/revoke`)
  const startedAt = performance.now()
  while (performance.now() - startedAt < withinMs) {
    // The newest alone: to read all of a long log takes a good part of the second.
    const { data } = await node.call('GET', '/admin/v1/audit/logs', { key: adminKey })
    if (data.items.some(({ user_agent }: Entry) => user_agent === marker.agent)) return
    await pause(20)
  }
  throw new Error(`an entry was not there within ${withinMs} ms`)
}

/** The entries of the calls, oldest first. */
async function entriesOf(node: Node, ...agents: readonly string[]): Promise<Entry[]> {
  await caughtUp(node)
  return (await wholeLog(node)).filter(({ user_agent }) => agents.includes(user_agent)).reverse()
}

/** A call and its one entry. */
async function audited(node: Node, method: string, path: string, options: CallOptions = {}) {
  const answer = await probe(node, method, path, options)
  const entries = await entriesOf(node, answer.agent)
  expect(entries).toHaveLength(1)
  return { answer, entry: entries[0] }
}

describe.each(databases)('the audit log on %s', (kind) => {
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

  it('names who made the first keys', async () => {
    await caughtUp(node)
    const [first, second] = (await wholeLog(node, '&operator_id=system')).reverse()
    expect(first).toEqual({
      ...{ id: expect.stringMatching(/^audit-[0-7][0-9a-hjkmnp-tv-z]{25}$/), timestamp: expect.any(Number) },
      ...{ operator_id: 'system', action: 'KEY_CREATED', resource: `key:${admin}`, result: 'SUCCESS' },
      ...{ details: { role: 'admin' }, user_agent: '', ip_address: '', client_ip: '', tcp_remote_ip: '' },
    })
    expect(second).toMatchObject({ resource: `key:${idOf(metricsKey)}`, details: { role: 'metrics' } })
  })

  it('A87: has the user id of create, renew and revoke, which the log has not', async () => {
    const headers = { 'X-Forwarded-For': '203.0.113.9' }
    const created = await audited(node, 'POST', '/sessions', {
      body: { user_id: 'user-a87', ttl_seconds: 60 },
      headers,
    })
    const { session_id, expires_at } = created.answer.data
    expect(created.entry).toEqual({
      ...{ id: expect.any(String), timestamp: expect.any(Number), operator_id: admin, action: 'SESSION_CREATED' },
      ...{ resource: `session:${session_id}`, result: 'SUCCESS', user_agent: created.answer.agent },
      ...{ ip_address: '203.0.113.9', client_ip: '203.0.113.9', tcp_remote_ip: '127.0.0.1' },
      details: { user_id: 'user-a87', expires_at },
    })
    expect(Math.abs(created.entry.timestamp - Date.now())).toBeLessThan(5000)
    const renewed = await audited(node, 'POST', `/sessions/${session_id}/renew`, { body: { ttl_seconds: 120 } })
    expect(renewed.entry).toMatchObject({
      ...{ action: 'SESSION_RENEWED', result: 'SUCCESS', resource: `session:${session_id}` },
      details: { user_id: 'user-a87', expires_at: renewed.answer.data.new_expires_at },
    })
    const revoked = await audited(node, 'POST', `/sessions/${session_id.toUpperCase()}/revoke`)
    expect(revoked.entry).toMatchObject({
      ...{ action: 'SESSION_REVOKED', result: 'SUCCESS', resource: `session:${session_id}` },
      details: { user_id: 'user-a87' },
    })
    expect(node.logged.join('')).toContain(session_id)
    expect(node.logged.join('')).not.toContain('user-a87')
  })

  it('has an entry of every other write', async () => {
    await session('many of them')
    await session('many of them')
    const user = await audited(node, 'POST', '/users/many%20of%20them/sessions/revoke')
    expect(user.entry).toMatchObject({
      ...{ action: 'USER_SESSIONS_REVOKED', result: 'SUCCESS', resource: 'user:many of them' },
      details: { user_id: 'many of them', revoked_count: 2 },
    })
    const made = await audited(node, 'POST', keysPath, { body: { role: 'issuer', description: 'for the shop' } })
    const id = made.answer.data.key_id
    expect(made.entry).toMatchObject({
      ...{ action: 'KEY_CREATED', result: 'SUCCESS', resource: `key:${id}` },
      details: { role: 'issuer', description: 'for the shop', allowedlist: [], rate_limit: 1000, expires_at: 0 },
    })
    const about = { result: 'SUCCESS', resource: `key:${id}` }
    const disabled = await audited(node, 'POST', `${keysPath}/${id}/status`, { body: { status: 'disabled' } })
    expect(disabled.entry).toMatchObject({ action: 'KEY_DISABLED', ...about })
    const enabled = await audited(node, 'POST', `${keysPath}/${id}/status`, { body: { status: 'active' } })
    expect(enabled.entry).toMatchObject({ action: 'KEY_ENABLED', ...about })
    const rotated = await audited(node, 'POST', `${keysPath}/${id}/rotate`)
    const { old_secret_valid_until } = rotated.answer.data
    expect(rotated.entry).toMatchObject({ action: 'KEY_ROTATED', ...about, details: { old_secret_valid_until } })
    const gc = await audited(node, 'POST', '/admin/v1/gc/trigger', { body: { type: 'all' } })
    expect(gc.entry).toMatchObject({
      ...{ action: 'GC_TRIGGERED', result: 'SUCCESS', resource: 'gc:all' },
      details: { cleaned_count: expect.any(Number) },
    })
    const again = await audited(node, 'POST', '/admin/v1/gc/trigger', { body: { type: 'all' } })
    expect(again.entry).toMatchObject({ result: 'FAILURE', resource: 'gc:all', details: { code: 'TM-ADMIN-4291' } })
  })

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

  it('holds no secret that a client sends, wherever it is put', async () => {
    const secret = `tmas_${'PlantedSecret'.repeat(3)}0000`
    const token = `tmtk_PlantedToken${'0'.repeat(31)}`
    const { answer } = await audited(node, 'POST', keysPath, { body: { role: 'issuer', description: `my ${secret}` } })
    const agents = { 'User-Agent': `curl ${token} ${answer.data.key_secret}` }
    await node.call('POST', '/sessions', {
      key: adminKey,
      body: { user_id: token, data: { k: 'PlantedData' }, token },
      headers: agents,
    })
    await node.call('POST', `/users/${token}/sessions/revoke`, { key: adminKey, headers: agents })
    await node.call('POST', '/sessions', { key: `${answer.data.key_id}:${secret}`, headers: agents })
    await node.call('POST', `${keysPath}/${answer.data.key_id}/rotate`, { key: adminKey, headers: agents })
    await caughtUp(node)
    const rows = await node.service.database.db.select({ row: sql<object>`to_json(t)` }).from(sql`audit_log t`)
    const text = JSON.stringify(rows)
    expect(text).toContain('curl tmtk_***REDACTED*** tmas_***REDACTED***')
    expect(text).not.toMatch(/Planted|argon2|tm(tk|as|th)_[^*]/)
  })

  it('cuts what is too long, and takes what is no text', async () => {
    const long = await audited(node, 'POST', `/sessions/${unknownSession}/revoke`, {
      headers: { 'User-Agent': `probe long ${'x'.repeat(3000)}` },
    }).catch(() => undefined)
    expect(long).toBeUndefined()
    await probe(node, 'POST', '/sessions', { body: { user_id: 'y'.repeat(900_000) } })
    const [entry] = await wholeLog(node, '&action=SESSION_CREATED')
    expect(JSON.stringify(entry).length).toBeLessThan(2000)
    const cut = (await wholeLog(node)).find(({ user_agent }) => user_agent.startsWith('probe long'))
    expect(cut.user_agent).toHaveLength(512)
  })

  it('has what was committed for a client that left before it was told', async () => {
    const { port, hostname } = new URL(node.url)
    const body = (n: number) => JSON.stringify({ user_id: `gone ${n}` })
    const head = (n: number) =>
      `POST /sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminKey}\r\nContent-Type: application/json\r\nContent-Length: ${body(n).length}\r\n\r\n${body(n)}`
    for (let n = 0; n < 30; n++) {
      const socket = connect(Number(port), hostname)
      await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
      await new Promise<void>((resolve) => socket.write(head(n), () => resolve()))
      if (n % 3) await pause(n % 5)
      socket.destroy()
    }
    await pause(500)
    await caughtUp(node)
    const rows = await node.service.database.db
      .select({ id: sql<string>`id` })
      .from(sql`sessions`)
      .where(sql`user_id like 'gone %'`)
    const entries = (await wholeLog(node, '&action=SESSION_CREATED')).filter(({ details }) =>
      /^gone /.test(details.user_id),
    )
    expect(rows.length).toBeGreaterThan(0)
    expect(
      entries
        .filter(({ result }) => result === 'SUCCESS')
        .map(({ resource }) => resource)
        .sort(),
    ).toEqual(rows.map(({ id }) => `session:${id}`).sort())
  })

  it('can be read by page, time, key and action, by admins', async () => {
    const get = (query: string, key = adminKey) => node.call('GET', `/admin/v1/audit/logs${query}`, { key })
    const all = await wholeLog(node)
    const { data } = await get('')
    expect(data).toEqual({
      items: expect.any(Array),
      pagination: { page: 1, size: 20, total: all.length },
      total_items: all.length,
    })
    expect(data.items).toHaveLength(20)
    const times = all.map(({ timestamp }) => timestamp)
    expect(times).toEqual([...times].sort((a, b) => b - a))
    expect((await get('?page=3&size=7')).data.items).toEqual(all.slice(14, 21))
    const [from, until] = [all[30].timestamp, all[5].timestamp]
    const between = all.filter(({ timestamp }) => timestamp >= from && timestamp < until)
    expect((await get(`?start_time=${from}&end_time=${until}&size=100`)).data.items).toEqual(between)
    expect((await get(`?start_time=${from}&end_time=${from}`)).data.total_items).toBe(0)
    for (const action of auditActions) {
      const found = await wholeLog(node, `&action=${action}`)
      expect(found).toEqual(all.filter((entry) => entry.action === action))
      expect(found.length).toBeGreaterThan(0)
    }
    const mine = await wholeLog(node, `&operator_id=${admin.toUpperCase()}&start_time=&action=`)
    expect(mine).toEqual(all.filter(({ operator_id }) => operator_id === admin))
    expect((await get('?operator_id=system')).data.total_items).toBe(2)

    const refusals: readonly [query: string, code: string][] = [
      ['?start_time=yesterday', 'TM-ARG-1001'],
      ['?start_time=-1', 'TM-ARG-1001'],
      ['?end_time=1.5', 'TM-ARG-1001'],
      ['?start_time=2&end_time=1', 'TM-ARG-1003'],
      ['?action=NONSENSE', 'TM-ARG-1001'],
      ['?action=session_created', 'TM-ARG-1001'],
      ['?operator_id=nobody', 'TM-ARG-1001'],
      ['?operator_id=%00', 'TM-ARG-1001'],
      ['?page=0', 'TM-ARG-1001'],
      ['?size=101', 'TM-ARG-1001'],
      ['?page=1&page=2', 'TM-ARG-1001'],
    ]
    for (const [query, code] of refusals) expect([query, (await get(query)).code]).toEqual([query, code])
    expect((await get('?start_time=99999999999999999999&page=99999999999999')).data.items).toEqual([])
    expect((await get('?unknown=1')).status).toBe(200)
    expect((await get('', metricsKey)).code).toBe('TM-ADMIN-4030')
    expect((await node.call('GET', '/admin/v1/audit/logs')).code).toBe('TM-AUTH-4010')
  })

  it('that cannot be written holds up nobody, loses nothing, and is caught up with', async () => {
    const { db } = node.service.database
    const create = async (n: number) => {
      const startedAt = performance.now()
      const { status } = await node.call('POST', '/sessions', { key: adminKey, body: { user_id: `sink ${n}` } })
      expect(status).toBe(201)
      return performance.now() - startedAt
    }
    const p99 = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0
    const run = async (from: number) => {
      const times: number[] = []
      for (let n = from; n < from + 300; n++) times.push(await create(n))
      return p99(times)
    }
    await run(0)
    const alive = await run(300)
    await db.execute(sql`alter table audit_log rename to audit_log_away`)
    const dead = await run(600)
    expect(node.logged.filter((line) => line.includes('audit entries cannot be written'))).toHaveLength(1)
    await db.execute(sql`alter table audit_log_away rename to audit_log`)
    // The pause between attempts comes on top, and 300 entries that go first.
    await caughtUp(node, 10_000)
    const written = (await wholeLog(node, '&action=SESSION_CREATED')).filter(({ details }) =>
      /^sink /.test(details.user_id),
    )
    expect(written.map(({ details }) => details.user_id)).toEqual(
      Array.from({ length: 900 }, (_, n) => `sink ${899 - n}`),
    )
    // Generous, as tests share the machine: a request that waited for the sink would not have ended at all.
    expect(dead).toBeLessThan(alive * 3 + 200)
  }, 60_000)
})

it('the audit log names the keys that were made without being asked for', async () => {
  const node = await startNode('embedded', { TOKMESH_BOOTSTRAP_ADMIN_KEY: '', TOKMESH_BOOTSTRAP_METRICS_KEY: '' })
  try {
    const [key = '', metrics = ''] = node.printed.map((line) => line.split(' ').at(-1) ?? '')
    await pause(500)
    const { data, text } = await node.call('GET', '/admin/v1/audit/logs', { key })
    expect(data.items.map(({ resource }: Entry) => resource)).toEqual([`key:${idOf(metrics)}`, `key:${idOf(key)}`])
    expect(data.items).toMatchObject([{ operator_id: 'system' }, { action: 'KEY_CREATED' }])
    expect(text).not.toContain('tmas_')
  } finally {
    await node.stop()
  }
})
