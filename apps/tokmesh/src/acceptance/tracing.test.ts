/** One request, seen whole: spans, log, exemplar and audit entry, joined by one id. */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '@honoscope/testing'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '@honoscope/testing/otlp-receiver'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../routes/operations.ts'
import { adminKey, databases, metricsKey, type Node, startNode } from './support.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const callerSpan = 'b7ad6b7169203331'
const traceparent = `00-${traceId}-${callerSpan}-01`
const secrets = /tmtk_|tmas_|tmth_|ada-the-user|10\.9\.8\.7|blue-device/

const textOf = (spans: readonly ReceivedSpan[]): string =>
  JSON.stringify(spans, (_, value) => (typeof value === 'bigint' ? `${value}` : value))

describe.each(databases)('a traced service on %s', (kind) => {
  let receiver: OtlpReceiver
  let node: Node
  let now = Date.now()
  beforeAll(async () => {
    receiver = await startOtlpReceiver()
    const environment = {
      TOKMESH_TELEMETRY_TRACING_ENABLED: 'true',
      TOKMESH_TELEMETRY_TRACING_ENDPOINT: receiver.endpoint,
      TOKMESH_TELEMETRY_TRACING_SAMPLING_RATIO: '1',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    }
    node = await startNode(kind, environment, () => now)
  })
  afterAll(async () => {
    await node?.stop()
    await receiver?.stop()
  })

  /** Spans of the trace, when all that the service has made are there. */
  const spansOf = async (id: string): Promise<readonly ReceivedSpan[]> => {
    await node.service.telemetry.tracing.flush()
    expect(receiver.faults).toEqual([])
    return receiver.spans.filter((span) => span.traceId === id)
  }
  const create = (headers: Record<string, string> = { traceparent }) =>
    node.call('POST', '/sessions', {
      key: adminKey,
      headers,
      body: { user_id: 'ada-the-user', device_id: 'blue-device', data: { secret: 'tmas_planted' } },
    })

  it('makes one trace of a create: server span, operation, statements', async () => {
    const { status, headers } = await create()
    expect(status).toBe(201)
    expect(headers.get('x-trace-id')).toBe(traceId)

    const spans = await spansOf(traceId)
    const [server] = spans.filter(({ kind: of }) => of === 'server')
    expect(server).toMatchObject({
      name: 'POST /sessions',
      parentSpanId: callerSpan,
      status: { code: 'unset' },
      attributes: { 'http.request.method': 'POST', 'http.route': '/sessions', 'http.response.status_code': 201 },
      resource: { 'service.name': 'tokmesh', 'deployment.environment.name': 'test' },
    })
    const operation = spans.find(({ name }) => name === 'session.create')
    expect(operation?.parentSpanId).toBe(server?.spanId)
    const statements = spans.filter(({ attributes }) => attributes['db.system.name'] === 'postgresql')
    expect(statements.map(({ parentSpanId }) => parentSpanId)).toContain(operation?.spanId)
    for (const { parentSpanId, kind: of } of statements) {
      expect(of).toBe('client')
      expect(spans.map(({ spanId }) => spanId)).toContain(parentSpanId)
    }
  })

  it('writes the ids of the span into the line, the exemplar and the audit entry', async () => {
    const { data } = await create()
    const [server] = (await spansOf(traceId)).filter(({ kind: of }) => of === 'server').slice(-1)
    const ids = { trace_id: traceId, span_id: server?.spanId }
    const line = node.logged.map((text) => JSON.parse(text)).find((one) => one.session_id === data.session_id)
    expect(line).toMatchObject({ message: 'session created', ...ids })

    const accept = 'application/openmetrics-text; version=1.0.0'
    const { text } = await node.call('GET', '/metrics', { key: metricsKey, headers: { accept } })
    const exemplars = text.split('\n').filter((one) => /duration_seconds_bucket.*path="\/sessions".*# \{/.test(one))
    expect(exemplars.join('\n')).toContain(`trace_id="${traceId}",span_id="${server?.spanId}"`)

    await until(async () => {
      const { data: found } = await node.call('GET', '/admin/v1/audit/logs?action=SESSION_CREATED', { key: adminKey })
      return found.items.some(({ details }: { details: { trace_id?: string } }) => details.trace_id === traceId)
    })
  })

  it('holds no token, hash, key, user id, device, address or parameter in any span', async () => {
    const { data } = await create()
    const { token } = data
    await node.call('POST', '/tokens/validate', { key: adminKey, headers: { traceparent }, body: { token } })
    await node.call('GET', '/sessions?user_id=ada-the-user&ip_address=10.9.8.7', {
      key: adminKey,
      headers: { traceparent },
    })
    await node.call('POST', '/users/ada-the-user/sessions/revoke', { key: adminKey, headers: { traceparent } })
    await node.call('POST', `/sessions/${data.session_id}/revoke`, { key: adminKey, headers: { traceparent } })
    const spans = await spansOf(traceId)
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'token.validate',
        'session.search',
        'session.revoke_all',
        'POST /users/:user_id/sessions/revoke',
      ]),
    )
    const text = textOf(spans)
    expect(text).not.toMatch(secrets)
    expect(text).not.toContain(data.session_id)
    expect(text).not.toContain('0000000000000000000000000Adm')
  })

  it('names the span of every route by its template, and makes none for probes', async () => {
    const probes = ['/health', '/ready', '/health/live', '/health/ready', '/health/startup', '/metrics']
    for (const { method, path } of operations) {
      const id = randomBytes(16).toString('hex')
      const headers = { traceparent: `00-${id}-${callerSpan}-01` }
      const key = path === '/metrics' ? metricsKey : adminKey
      const answer = await node.call(method, path.replace(/:\w+/g, 'ada-the-user'), { key, headers })
      expect({ path, id: answer.headers.get('x-trace-id') }).toEqual({ path, id })
      const spans = await spansOf(id)
      if (probes.includes(path)) {
        expect({ path, spans }).toEqual({ path, spans: [] })
        continue
      }
      const [server, ...more] = spans.filter(({ kind: of }) => of === 'server')
      expect({ name: server?.name, more }).toEqual({ name: `${method} ${path}`, more: [] })
      expect(server?.attributes).not.toHaveProperty(['client.address'])
      expect(server?.attributes).not.toHaveProperty(['user_agent.original'])
      const ids = [callerSpan, ...spans.map(({ spanId }) => spanId)]
      for (const { parentSpanId } of spans) expect(ids).toContain(parentSpanId)
      expect(textOf(spans)).not.toMatch(secrets)
    }
  })

  it('tells of a slow statement, with the ids of its span and without its parameters', async () => {
    const { data } = await create()
    const { db } = node.service.database
    const id = randomBytes(16).toString('hex')
    const headers = { traceparent: `00-${id}-${callerSpan}-01` }
    // The embedded database has one connection: there the statement waits for the transaction, else for the row.
    const renewed = await db.transaction(async (tx) => {
      await tx.execute(sql`select id from sessions where id = ${data.session_id} for update`)
      const body = { ttl_seconds: 60 }
      const renewing = node.call('POST', `/sessions/${data.session_id}/renew`, { key: adminKey, headers, body })
      await pause(600)
      return { renewing }
    })
    expect((await renewed.renewing).status).toBe(200)
    const [warning = ''] = node.logged.filter((text) => text.includes('a query was slow') && text.includes(id))
    expect(warning).not.toContain(data.session_id)
    const line = JSON.parse(warning)
    expect(line).toMatchObject({ level: 'WARN', logger: 'tokmesh.storage', route: '/sessions/{session_id}/renew' })
    expect(line.duration_ms).toBeGreaterThan(399)
    const found = (await spansOf(id)).find(({ spanId }) => spanId === line.span_id)
    expect(found?.name).toBe('db.update')
  })

  it('takes a refusal for an outcome and a fault for an error', async () => {
    const id = 'f1'.repeat(16)
    const headers = { traceparent: `00-${id}-${callerSpan}-01` }
    const unknown = 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
    expect((await node.call('GET', `/sessions/${unknown}`, { key: adminKey, headers })).status).toBe(404)
    const spans = await spansOf(id)
    expect(spans.map(({ status }) => status.code)).not.toContain('error')
    expect(spans.find(({ name }) => name === 'session.get')?.attributes['tokmesh.code']).toBe('TM-SESS-4040')
  })

  it('makes no span of a request whose caller did not sample it, and passes its id on all the same', async () => {
    const id = 'e'.repeat(32)
    const { headers, data } = await create({ traceparent: `00-${id}-${callerSpan}-00` })
    expect(headers.get('x-trace-id')).toBe(id)
    expect(await spansOf(id)).toEqual([])
    const line = node.logged.map((text) => JSON.parse(text)).find((one) => one.session_id === data.session_id)
    expect(line).toMatchObject({ trace_id: id })
  })

  it('makes a trace of each sweep, and none of looking for something to sweep', async () => {
    await create()
    await spansOf(traceId)
    receiver.clear()
    await pause(1_500)
    await spansOf(traceId)
    expect(receiver.spans).toEqual([])

    now += 3 * 3_600_000
    await until(async () => {
      await spansOf(traceId)
      return receiver.spans.some(({ name }) => name === 'session.sweep')
    })
    const sweep = receiver.spans.find(({ name }) => name === 'session.sweep')
    expect(sweep?.parentSpanId).toBeUndefined()
    const statement = receiver.spans.find(({ parentSpanId }) => parentSpanId === sweep?.spanId)
    expect(statement?.attributes).toMatchObject({ 'db.system.name': 'postgresql', 'db.collection.name': 'sessions' })
  })
})

describe('a service that is not traced, which is the default', () => {
  it('has no trace ids in its answers and lines', async () => {
    const node = await startNode('embedded')
    const { headers } = await node.call('POST', '/sessions', {
      key: adminKey,
      headers: { traceparent },
      body: { user_id: 'u' },
    })
    expect(headers.get('x-trace-id')).toBeNull()
    expect(node.service.telemetry.tracing.enabled).toBe(false)
    expect(node.logged.join('')).not.toMatch(/trace_id|span_id/)
    await node.stop()
  })
})
