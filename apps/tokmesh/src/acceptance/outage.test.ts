import { startPostgres } from '@honoscope/testing/postgres'
import { startTcpProxy } from '@honoscope/testing/tcp-proxy'
import { describe, expect, it } from 'vitest'
import { adminKey, metricsKey, type Node, pause, startNode } from './support.ts'

/** Waits until the service says what is expected of `/ready`. */
async function waitForReady(node: Node, status: number): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if ((await node.call('GET', '/ready')).status === status) return
    await pause(100)
  }
  throw new Error(`/ready never answered ${status}`)
}

/** Calls of every kind, with the code that each gets while there is no database. */
const session = '/sessions/tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
const token = `tmtk_${'a'.repeat(43)}`
const business: readonly [string, string, unknown?][] = [
  ['POST', '/sessions', { user_id: 'u' }],
  ['GET', session],
  ['POST', `${session}/touch`],
  ['POST', `${session}/renew`, { ttl_seconds: 60 }],
  ['POST', `${session}/revoke`],
  ['POST', '/users/u/sessions/revoke'],
  ['POST', '/tokens/validate', { token }],
  ['POST', '/tokens/validate', { token, touch: true }],
  ['GET', '/admin/v1/keys'],
  ['POST', '/admin/v1/keys', { role: 'issuer' }],
]

/** A84, while the database can't be used. */
async function expectOutage(node: Node): Promise<void> {
  const timed = async (method: string, path: string, body?: unknown, key?: string) => {
    const startedAt = performance.now()
    const answer = await node.call(method, path, { body, key })
    return { ...answer, ms: performance.now() - startedAt }
  }
  for (let round = 0; round < 2; round++) {
    const ready = await timed('GET', '/ready')
    expect(ready).toMatchObject({ status: 503, code: 'TM-SYS-5030', details: { checks: { cluster: 'ok' } } })
    expect(ready.details.checks.storage).not.toBe('ok')
    expect(JSON.stringify(ready.details)).not.toMatch(/postgres:|127\.0\.0\.1/)
    expect(ready.ms).toBeLessThan(2300)
    const health = await timed('GET', '/health')
    expect(health.status).toBe(200)
    const answers = await Promise.all(business.map(([method, path, body]) => timed(method, path, body, adminKey)))
    for (const { status, code, ms } of answers) {
      expect([status, code]).toEqual([503, 'TM-SYS-5030'])
      expect(ms).toBeLessThan(2600)
    }
    const metrics = await timed('GET', '/metrics', undefined, metricsKey)
    expect(metrics.status).toBe(200)
    expect(metrics.text).toContain(
      'tokmesh_api_request_duration_seconds_count{method="POST",path="/sessions",status="503"}',
    )
    // What the database said last may be shown for a second.
    if (round > 0) expect(/^tokmesh_sessions_active_total /m.test(metrics.text)).toBe(false)
    expect(metrics.text).toContain('# TYPE tokmesh_sessions_active_total gauge')
    const wrong = await timed('GET', '/metrics', undefined, adminKey.replace('Adm', 'Bad'))
    // A key's record counts for a second too, and says that the secret is wrong.
    expect(round > 0 ? [503] : [401, 503]).toContain(wrong.status)
    await pause(1200)
  }
  expect((await timed('GET', '/health/live')).status).toBe(200)
  expect((await timed('GET', '/health/ready')).status).toBe(503)
}

describe('A84, A69: the database is cut', () => {
  it('stopped: 503 within 2 s, alive all the while, and back by itself', async () => {
    const server = await startPostgres()
    const node = await startNode('postgres', { DATABASE_URL: server.url })
    try {
      await node.service.prepared
      await node.call('GET', '/metrics', { key: metricsKey })
      const { data } = await node.call('POST', '/sessions', { key: adminKey, body: { user_id: 'u' } })
      await server.pause()
      await expectOutage(node)
      await server.resume()
      await waitForReady(node, 200)
      const valid = await node.call('POST', '/tokens/validate', { key: adminKey, body: { token: data.token } })
      expect(valid.data.valid).toBe(true)
    } finally {
      await node.stop()
      await server.stop()
    }
  })

  it('hanging: 503 within 2 s, alive all the while, and back by itself', async () => {
    const server = await startPostgres()
    const proxy = await startTcpProxy(server.port)
    const node = await startNode('postgres', {
      DATABASE_URL: server.url.replace(`:${server.port}/`, `:${proxy.port}/`),
    })
    try {
      await node.service.prepared
      await node.call('GET', '/metrics', { key: metricsKey })
      proxy.freeze()
      await expectOutage(node)
      proxy.thaw()
      await waitForReady(node, 200)
      const created = await node.call('POST', '/sessions', { key: adminKey, body: { user_id: 'u' } })
      expect(created.status).toBe(201)
    } finally {
      await node.stop()
      await proxy.stop()
      await server.stop()
    }
  })

  it('down at the start: the service runs, not ready, and gets ready when it comes', async () => {
    const server = await startPostgres()
    await server.pause()
    const node = await startNode('postgres', { DATABASE_URL: server.url })
    try {
      expect((await node.call('GET', '/health')).status).toBe(200)
      const ready = await node.call('GET', '/ready')
      expect(ready).toMatchObject({ status: 503, details: { checks: { storage: 'initializing' } } })
      expect(JSON.parse((await node.call('GET', '/health/startup')).text).status).toBe('starting')
      expect((await node.call('POST', '/sessions', { key: adminKey })).code).toBe('TM-SYS-5030')
      // What needs no database is asked before it.
      expect((await node.call('POST', '/sessions')).code).toBe('TM-AUTH-4010')
      expect((await node.call('GET', '/admin/v1/keys', { key: 'nonsense' })).code).toBe('TM-AUTH-4010')
      await server.resume()
      await waitForReady(node, 200)
      expect((await node.call('POST', '/sessions', { key: adminKey, body: { user_id: 'u' } })).status).toBe(201)
      expect(JSON.parse((await node.call('GET', '/health/startup')).text).status).toBe('ready')
      await server.pause()
      await waitForReady(node, 503)
      expect(JSON.parse((await node.call('GET', '/health/startup')).text).status).toBe('ready')
    } finally {
      await node.stop()
      await server.stop()
    }
  })
})
