import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey, databases, type Node, pause, startNode } from './support.ts'

describe.each(databases)('administration on %s', (kind) => {
  let node: Node
  beforeAll(async () => {
    node = await startNode(kind, { TOKMESH_CLUSTER_NODE_ID: 'tmnd-admin.test' })
  })
  afterAll(() => node.stop())

  const admin = (method: string, path: string, body?: unknown) =>
    node.call(method, `/admin/v1${path}`, { key: adminKey, body })
  const create = (ttl_seconds: number) =>
    node.call('POST', '/sessions', { key: adminKey, body: { user_id: `u${Math.random()}`, ttl_seconds } })
  const metric = async (name: string) => {
    const { text } = await node.call('GET', '/metrics', { key: adminKey })
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1])
  }

  it('A55 the summary has the figures of the metrics of the same second', async () => {
    for (let made = 0; made < 3; made++) await create(600)
    await pause(1000)
    const { data, status } = await admin('GET', '/status/summary')
    const shown = {
      total_sessions: await metric('tokmesh_shard_keys_count'),
      active_sessions: await metric('tokmesh_sessions_active_total'),
      memory_usage_mb: (await metric('tokmesh_mem_usage_bytes')) / 1_048_576,
    }
    expect(status).toBe(200)
    expect(data).toMatchObject(shown)
    expect(data.active_sessions).toBeGreaterThanOrEqual(3)
    expect(data).toMatchObject({ cluster_state: 'healthy', cluster_state_reasons: [], node_id: 'tmnd-admin.test' })
    expect(Number.isInteger(data.uptime_seconds)).toBe(true)
    expect(data.version).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('A86 on one node the active sessions of the metrics are all that there are', async () => {
    await create(600)
    const revoked = await create(600)
    await admin('GET', '/status/summary')
    await node.call('POST', `/sessions/${revoked.data.session_id}/revoke`, { key: adminKey })
    await pause(1000)
    const search = await node.call('GET', '/sessions', { key: adminKey })
    expect(await metric('tokmesh_sessions_active_total')).toBe(search.data.total_items)
  })

  it('tells how many requests are answered in a second', async () => {
    const before = (await admin('GET', '/status/summary')).data.current_qps
    for (let asked = 0; asked < 40; asked++) await node.call('GET', '/health')
    const after = (await admin('GET', '/status/summary')).data.current_qps
    expect(after - before).toBeGreaterThan(3)
    expect(after).toBeLessThan(1000)
  })

  it('sweeps what has expired, once a minute for each type', async () => {
    await pause(1100)
    const first = await admin('POST', '/gc/trigger', { type: 'all' })
    expect(first.data).toMatchObject({ cleaned_count: expect.any(Number), freed_memory_mb: expect.any(Number) })
    const again = await admin('POST', '/gc/trigger', { type: 'all' })
    expect([again.status, again.code]).toEqual([429, 'TM-ADMIN-4291'])
    const left = Number(again.headers.get('retry-after'))
    expect(left).toBeGreaterThanOrEqual(50)
    expect(left).toBeLessThanOrEqual(60)
    const memory = await admin('POST', '/gc/trigger', { type: 'memory' })
    expect(memory.data).toMatchObject({ cleaned_count: 0, freed_memory_mb: expect.any(Number) })
    const expired = await admin('POST', '/gc/trigger')
    expect(expired.data).toMatchObject({ cleaned_count: expect.any(Number), duration_ms: expect.any(Number) })
    expect(expired.data).not.toHaveProperty('freed_memory_mb')
  })

  it.each([
    [{ type: 'everything' }, 'TM-ARG-1001'],
    [{ type: '' }, 'TM-ARG-1001'],
    [{ type: 7 }, 'TM-SYS-4000'],
    [{ kind: 'all' }, 'TM-SYS-4000'],
    ['{', 'TM-SYS-4000'],
  ])('refuses a collection of %j with %s', async (body, code) => {
    expect((await admin('POST', '/gc/trigger', body)).code).toBe(code)
  })

  it('lists itself, active and the leader, in a cluster whose id stays', async () => {
    const { data } = await admin('GET', '/cluster/nodes')
    expect(data).toEqual({
      nodes: [
        {
          node_id: 'tmnd-admin.test',
          address: '127.0.0.1:5080',
          status: 'active',
          role: 'leader',
          version: expect.any(String),
          uptime_seconds: expect.any(Number),
          last_heartbeat: expect.any(Number),
          metrics: { sessions_count: expect.any(Number), vnodes: 256 },
        },
      ],
      cluster_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      leader_id: 'tmnd-admin.test',
    })
    expect((await admin('GET', '/cluster/nodes')).data.cluster_id).toBe(data.cluster_id)
  })
})

describe.each(databases)('a collection by hand on %s', (kind) => {
  it('turns every expired session into a tombstone, however large the sweep samples, and deletes those that are due', async () => {
    // A sweep that looks once a minute leaves the work to the call.
    const node = await startNode(kind, { TOKMESH_SESSION_TTL_GC_INTERVAL: '1m' })
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, user) =>
        node.call('POST', '/sessions', { key: adminKey, body: { user_id: `u${user}`, ttl_seconds: 1 } }),
      ),
    )
    await pause(1200)
    const { data } = await node.call('POST', '/admin/v1/gc/trigger', { key: adminKey })
    expect(data.cleaned_count).toBe(30)
    expect(await node.row('sessions', made[0]?.data.session_id)).toMatchObject({ is_deleted: true })
    await node.stop()
  })
})
