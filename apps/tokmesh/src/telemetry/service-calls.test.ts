import { createMetrics } from '@honoscope/metrics'
import { samplesOf } from '@honoscope/testing'
import { expect, it } from 'vitest'
import { TokMeshError } from '../domain/errors.ts'
import type { Sessions } from '../domain/session.ts'
import { instrumentCalls } from './service-calls.ts'

it('counts and times the calls by how they end, and passes on what they return and throw', async () => {
  const metrics = createMetrics({ prefix: 'tokmesh_' })
  const thrown = [new TokMeshError('TM-SESS-4040', 'no'), new TokMeshError('TM-SYS-5030', 'away'), 'a text']
  let next = 0
  const fail = async () => {
    throw thrown[next++]
  }
  const rest = { create: fail, search: fail, touch: fail, renew: fail, revoke: fail, validate: fail }
  const sessions: Sessions = instrumentCalls({ ...rest, revokeAllOf: async (user) => user.length, get: fail }, metrics)

  expect(await sessions.revokeAllOf('four')).toBe(4)
  for (const error of thrown) await expect(sessions.get('x')).rejects.toBe(error)

  const samples = samplesOf(await metrics.render())
  const counted = (method: string, status: string) =>
    samples.find(
      ({ name, labels }) =>
        name === 'tokmesh_service_requests_total' && labels.method === method && labels.status === status,
    )?.value
  expect([counted('revokeAllOf', 'ok'), counted('get', 'refused'), counted('get', 'error')]).toEqual([1, 1, 2])
  expect(counted('create', 'ok')).toBe(0)
  const timed = samples.find(
    ({ name, labels }) => name === 'tokmesh_service_request_duration_seconds_count' && labels.method === 'get',
  )
  expect(timed).toMatchObject({ value: 3, labels: { service: 'session' } })
})
