import { createApiKeys, memoryKeyStore } from '@honoscope/api-key'
import { observe } from '@honoscope/core'
import { serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { auditTrail } from '../audit/trail.ts'
import { alwaysFresh } from '../cluster/freshness.ts'
import type { AuditEntry } from '../domain/audit.ts'
import { TokMeshError } from '../domain/errors.ts'
import { createSessions } from '../domain/sessions.ts'
import { guard } from '../http/access.ts'
import { createBodyReader } from '../http/body.ts'
import { bodyLimitsFor } from '../http/body-bytes.ts'
import type { AppEnv } from '../http/env.ts'
import { refuse } from '../http/envelope.ts'
import { asTokMeshError, boundary } from '../http/errors.ts'
import { createSessionStore } from '../store/sessions.ts'
import { type DatabaseUnderTest, openTestDatabase } from '../testing/databases.ts'
import { roles } from './deps.ts'
import { auditedActions } from './operations.ts'
import { sessionRoutes } from './sessions.ts'
import { userRoutes } from './users.ts'

let under: DatabaseUnderTest
beforeAll(async () => {
  under = await openTestDatabase('pglite')
}, 60_000)
afterAll(() => under.close())

/** The routes of a node whose peers do not confirm in time. */
async function start() {
  let asked = 0
  const sessions = createSessions({
    store: createSessionStore(under.database),
    limits: { ttlDefault: 600, ttlMax: 600, maxPerUser: 50, tombstoneTtlMs: 60_000 },
    async confirm() {
      asked += 1
      throw new TokMeshError('TM-SYS-5030', 'Too few.', { details: { confirmed: 1, required: 2 } })
    },
  })
  const keys = createApiKeys({
    ...{ roles, store: memoryKeyStore(), argon2: { memoryKiB: 8192, iterations: 1, parallelism: 1 } },
  })
  const { record, secret } = await keys.create({ role: 'admin' })
  const caller = { keyId: record.id, ip: '', userAgent: '' }
  const entries: AuditEntry[] = []
  const app = new Hono<AppEnv>()
  app.use(observe(auditTrail({ actions: auditedActions, write: (entry) => entries.push(entry) })), boundary)
  app.onError((error, c) => refuse(c, asTokMeshError(error)))
  const deps = {
    access: (...allowed: readonly (typeof roles)[number][]) => guard(keys, { roles: allowed }),
    ...{ replay: () => {}, body: createBodyReader(bodyLimitsFor(1000)), caller: () => caller },
    freshness: alwaysFresh,
  }
  app.route('/', sessionRoutes(sessions, deps)).route('/', userRoutes(sessions, deps))
  const { url, stop } = await serve(app.fetch)
  const post = async (path: string, body: object) => {
    const headers = { Authorization: `Bearer ${record.id}:${secret}`, 'Content-Type': 'application/json' }
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const { code, data, details } = (await answer.json()) as Record<string, unknown>
    return { status: answer.status, code, data, details }
  }
  const create = async () => (await sessions.create({ userId: 'ada' }, caller)).session.id
  return { post, create, entries, stop, asked: () => asked }
}

it('A38 A85 waits for confirmations with sync alone; what is not confirmed is committed, and the audit entry says so', async () => {
  const { post, create, entries, stop, asked } = await start()
  const quick = await create()
  expect(await post(`/sessions/${quick}/revoke`, {})).toMatchObject({ status: 200, data: {} })
  expect(await post(`/sessions/${quick}/revoke`, { sync: false })).toMatchObject({ status: 200 })
  expect(asked()).toBe(0)

  const id = await create()
  const details = { committed: true, confirmed: 1, required: 2 }
  expect(await post(`/sessions/${id}/revoke`, { sync: true })).toMatchObject({
    ...{ status: 503, code: 'TM-SYS-5030', details },
  })
  await create()
  await create()
  expect((await post('/users/ada/sessions/revoke', { sync: true })).details).toEqual({ ...details, revoked_count: 2 })
  expect(await post('/users/ada/sessions/revoke', {})).toMatchObject({ status: 200, data: { revoked_count: 0 } })
  await stop()
  expect(entries.filter(({ result }) => result === 'FAILURE')).toMatchObject([
    {
      ...{ action: 'SESSION_REVOKED', resource: `session:${id}` },
      details: { code: 'TM-SYS-5030', user_id: 'ada', committed: true },
    },
    {
      ...{ action: 'USER_SESSIONS_REVOKED', resource: 'user:ada' },
      details: { code: 'TM-SYS-5030', user_id: 'ada', revoked_count: 2, committed: true },
    },
  ])
})
