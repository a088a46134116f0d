import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { TokMeshError } from '../domain/errors.ts'
import { newRecord } from '../domain/new-record.ts'
import type { Sessions, Validation } from '../domain/session.ts'
import type { AppEnv } from '../http/env.ts'
import { refuse } from '../http/envelope.ts'
import { asTokMeshError, boundary } from '../http/errors.ts'
import { tokenRoutes } from './tokens.ts'

const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'test' }
const session = newRecord('tmss-x', { userId: 'ada' }, caller, 'tmth_x', 60, 1_000)

/** The route over a service whose process is frozen for so long after each verdict. */
function frozen(...pauses: readonly number[]) {
  const time = { now: 10_000 }
  const calls: unknown[] = []
  const unexpected = () => Promise.reject(new Error('this call was not expected'))
  const validate = async (_token: string, touch?: unknown): Promise<Validation> => {
    const asOf = time.now
    time.now += pauses[calls.length] ?? 0
    calls.push(touch)
    if (calls.length > pauses.length) throw new TokMeshError('TM-TOKN-4012', 'The session was revoked.')
    return { session, asOf }
  }
  const sessions: Sessions = {
    ...{ create: unexpected, get: unexpected, touch: unexpected, renew: unexpected, revoke: unexpected },
    ...{ revokeAllOf: unexpected, search: unexpected, validate },
  }
  const app = new Hono<AppEnv>()
  app.use(boundary)
  app.onError((error, c) => refuse(c, asTokMeshError(error)))
  app.route(
    '/',
    tokenRoutes(sessions, {
      access: () => (_, next) => next(),
      replay: () => {},
      body: async (c) => c.req.json(),
      caller: () => caller,
      freshness: { now: () => time.now, asOf: () => time.now },
    }),
  )
  const ask = async () => {
    const body = JSON.stringify({ token: 'tmtk_x', touch: true })
    const response = await app.request('/tokens/validate', { method: 'POST', body })
    const { code } = (await response.json()) as { code: string }
    return { status: response.status, code, touches: calls.map((touch) => touch !== undefined) }
  }
  return { ask }
}

describe('a verdict that is older than the bound when the answer is made', () => {
  it('is given within the bound', async () => {
    expect(await frozen(1_999).ask()).toEqual({ status: 200, code: 'OK', touches: [true] })
  })

  it('is asked for once more, without a second touch', async () => {
    expect(await frozen(2_000, 0).ask()).toEqual({ status: 200, code: 'OK', touches: [true, false] })
    expect(await frozen(60_000).ask()).toEqual({ status: 401, code: 'TM-TOKN-4012', touches: [true, false] })
  })

  it('is not given when the second comes too late as well', async () => {
    expect(await frozen(2_000, 2_000).ask()).toEqual({ status: 503, code: 'TM-SYS-5030', touches: [true, false] })
  })
})
