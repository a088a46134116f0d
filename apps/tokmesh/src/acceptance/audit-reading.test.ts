import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditActions } from '../domain/audit.ts'
import { admin, audited, caughtUp, idOf, keysPath, probe, unknownSession, wholeLog } from './audit-log.ts'
import { adminKey, databases, metricsKey, type Node, startNode } from './support.ts'

describe.each(databases)('reading the audit log on %s', (kind) => {
  let node: Node
  beforeAll(async () => {
    node = await startNode(kind, {
      TOKMESH_SECURITY_NETWORK_TRUSTED_PROXIES: '127.0.0.0/8,::1',
      TOKMESH_SESSION_QUOTA_MAX_PER_USER: '2',
    })
  })
  afterAll(() => node?.stop())

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

  it('can be read by page, time, key and action, by admins', async () => {
    const get = (query: string, key = adminKey) => node.call('GET', `/admin/v1/audit/logs${query}`, { key })
    await writeOfEveryKind(node)
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
      ['?start_time=99999999999999999999', 'TM-ARG-1001'],
      [`?end_time=${2 ** 53}`, 'TM-ARG-1001'],
      ['?end_time=2026-01-31T12:00:00Z', 'TM-ARG-1001'],
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
    expect((await get(`?start_time=${Number.MAX_SAFE_INTEGER}&page=99999999999999`)).data.items).toEqual([])
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
      for (let n = from; n < from + 60; n++) times.push(await create(n))
      return p99(times)
    }
    await run(0)
    const alive = await run(60)
    await db.execute(sql`alter table audit_log rename to audit_log_away`)
    const dead = await run(120)
    expect(node.logged.filter((line) => line.includes('audit entries cannot be written'))).toHaveLength(1)
    await db.execute(sql`alter table audit_log_away rename to audit_log`)
    // The pause between attempts comes on top, and the entries that go first.
    await caughtUp(node, 10_000)
    const written = (await wholeLog(node, '&action=SESSION_CREATED')).filter(({ details }) =>
      /^sink /.test(details.user_id),
    )
    expect(written.map(({ details }) => details.user_id)).toEqual(
      Array.from({ length: 180 }, (_, n) => `sink ${179 - n}`),
    )
    // Generous, as tests share the machine: a request that waited for the sink would not have ended at all.
    expect(dead).toBeLessThan(alive * 3 + 200)
  }, 60_000)
})

/** Writes entries with every action, more than a page of them. */
async function writeOfEveryKind(node: Node): Promise<void> {
  const post = (path: string, body: object = {}, key = adminKey) => node.call('POST', path, { key, body })
  for (let n = 0; n < 25; n++) await post('/sessions', { user_id: `read ${n}` })
  const { session_id } = (await post('/sessions', { user_id: 'reader' })).data
  await post(`/sessions/${session_id}/renew`, { ttl_seconds: 60 })
  await post(`/sessions/${session_id}/revoke`)
  await post('/users/reader/sessions/revoke')
  const issuer = await node.newKey('issuer')
  for (const status of ['disabled', 'active']) await post(`${keysPath}/${idOf(issuer)}/status`, { status })
  await post(`${keysPath}/${idOf(issuer)}/rotate`)
  await post('/admin/v1/gc/trigger', { type: 'all' })
  await post('/sessions', {}, `${issuer.slice(0, -3)}xyz`)
  await caughtUp(node)
}
