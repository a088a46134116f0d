import { createApiKeys, memoryKeyStore } from '@honoscope/api-key'
import { samplesOf, serve } from '@honoscope/testing'
import { expect, it } from 'vitest'
import { createApp } from './app.ts'
import { singleNode } from './cluster/single.ts'
import { readConfig } from './config.ts'
import { TokMeshError } from './domain/errors.ts'
import type { Sessions } from './domain/session.ts'
import { createAntiReplay } from './http/anti-replay.ts'
import { createLog } from './log.ts'
import { roles } from './routes/deps.ts'
import { createTelemetry } from './telemetry.ts'

/** An app whose session rules throw `thrown`, with an issuer key, its log and its port. */
async function startFailing(thrown: unknown) {
  const logged: string[] = []
  const log = createLog({ write: (line) => logged.push(line) })
  const { config } = readConfig({})
  const probes = { started: () => {}, storage: async () => {}, membership: () => {}, storageTimeoutMs: 1000 }
  const telemetry = await createTelemetry({ config, nodeId: 'tmnd-test', log, ...probes })
  const fail = async () => {
    throw thrown
  }
  const sessions: Sessions = {
    ...{ create: fail, get: fail, touch: fail, renew: fail, revoke: fail, revokeAllOf: fail, validate: fail },
    search: fail,
  }
  const argon2 = { memoryKiB: 8192, iterations: 1, parallelism: 1 }
  const keys = createApiKeys({ store: memoryKeyStore(), roles, argon2 })
  const { record, secret } = await keys.create({ role: 'issuer' })
  const app = createApp({
    ...telemetry,
    ...{ sessions, keys, exposition: telemetry.metrics.handler, maxBodyBytes: 1000 },
    ...{ metricsAuth: false, healthAuth: false },
    audit: { query: fail },
    admin: {
      ...{ cluster: singleNode({ nodeId: 'tmnd-test', address: '127.0.0.1:0' }), clusterId: async () => '' },
      ...{ figures: { ...telemetry, counts: fail }, collectGarbage: fail },
    },
    antiReplay: createAntiReplay({ required: false, windowMs: 1000, nonceTtlMs: 1000, maxNonces: 1000 }),
  })
  const served = await serve(app.fetch)
  const headers = { Authorization: `Bearer ${record.id}:${secret}`, 'Content-Type': 'application/json' }
  return { ...served, logged, headers }
}

it.each([
  ['an Error', new Error('password=hush user planted-user')],
  ['a string', 'hush'],
  ['undefined', undefined],
  ['null', null],
  ['an object', { message: 'hush' }],
])('A36: %s that is thrown becomes an enveloped 500 which tells nothing', async (_, thrown) => {
  const { url, headers, logged, stop } = await startFailing(thrown)
  try {
    const response = await fetch(`${url}/sessions`, { method: 'POST', headers, body: '{"user_id":"planted-user"}' })
    const body = (await response.json()) as { request_id: string }
    expect(response.status).toBe(500)
    expect(response.headers.get('x-error-code')).toBe('TM-SYS-5000')
    expect(body).toEqual({
      ...{ code: 'TM-SYS-5000', message: 'Unexpected server fault', timestamp: expect.any(Number) },
      request_id: response.headers.get('x-request-id'),
    })
    expect(body.request_id).toMatch(/^req-/)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const counted = samplesOf(metrics).find(
      ({ name, labels }) => name === 'tokmesh_api_request_duration_seconds_count' && labels.status === '500',
    )
    expect(counted).toMatchObject({ value: 1, labels: { method: 'POST', path: '/sessions' } })
    const line = logged.find((each) => each.includes('"level":"ERROR"'))
    expect(JSON.parse(line ?? '')).toMatchObject({ request_id: body.request_id, result: 'TM-SYS-5000' })
    expect(logged.join('')).not.toMatch(/hush|planted-user/)
  } finally {
    await stop()
  }
})

it('A70: a refusal keeps its code and details, whatever route it comes from', async () => {
  const { url, headers, stop } = await startFailing(new TokMeshError('TM-SESS-4091', 'busy', { details: { a: 1 } }))
  try {
    const id = 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
    const response = await fetch(`${url}/sessions/${id}/touch`, { method: 'POST', headers })
    expect([response.status, response.headers.get('retry-after')]).toEqual([409, '1'])
    expect(await response.json()).toMatchObject({ code: 'TM-SESS-4091', message: 'busy', details: { a: 1 } })
  } finally {
    await stop()
  }
})
