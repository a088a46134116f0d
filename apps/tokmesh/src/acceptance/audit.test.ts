import { connect } from 'node:net'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, audited, caughtUp, type Entry, idOf, keysPath, wholeLog } from './audit-log.ts'
import { adminKey, databases, metricsKey, type Node, pause, startNode } from './support.ts'

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
      details: { role: 'admin', description: '', allowedlist: [], rate_limit: 1000, expires_at: 0 },
      ...{ user_agent: '', ip_address: '', client_ip: '', tcp_remote_ip: '' },
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
