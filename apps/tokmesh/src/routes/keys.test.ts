import { createApiKeys, memoryKeyStore } from '@honoscope/api-key'
import { observe } from '@honoscope/core'
import { serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { auditTrail } from '../audit/trail.ts'
import { alwaysFresh } from '../cluster/freshness.ts'
import type { AuditEntry } from '../domain/audit.ts'
import { TokMeshError } from '../domain/errors.ts'
import { guard } from '../http/access.ts'
import { createBodyReader } from '../http/body.ts'
import { bodyLimitsFor } from '../http/body-bytes.ts'
import type { AppEnv } from '../http/env.ts'
import { boundary } from '../http/errors.ts'
import { roles } from './deps.ts'
import { keyRoutes } from './keys.ts'
import { auditedActions } from './operations.ts'

/** The key routes over keys that can be changed and, after `lose()`, not be listed. */
async function start() {
  const store = memoryKeyStore()
  const state = { lost: false }
  const keys = createApiKeys({
    ...{ roles, argon2: { memoryKiB: 8192, iterations: 1, parallelism: 1 } },
    store: {
      ...store,
      async list(query) {
        if (state.lost) throw new TokMeshError('TM-SYS-5030', 'The database cannot be reached.')
        return store.list(query)
      },
    },
  })
  const { record, secret } = await keys.create({ role: 'admin' })
  const entries: AuditEntry[] = []
  const app = new Hono<AppEnv>()
  const trail = auditTrail({ actions: auditedActions, write: (entry) => entries.push(entry) })
  app.use(observe(trail), boundary, guard(keys, { roles: ['admin'] }))
  app.route(
    '/',
    keyRoutes(keys, {
      access: (...allowed) => guard(keys, { roles: allowed }),
      replay: () => {},
      freshness: alwaysFresh,
      body: createBodyReader(bodyLimitsFor(1000)),
      caller: () => ({ keyId: record.id, ip: '', userAgent: '' }),
    }),
  )
  const { url, stop } = await serve(app.fetch)
  const disable = async () => {
    const answer = await fetch(`${url}/admin/v1/keys/${record.id}/status`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${record.id}:${secret}`, 'Content-Type': 'application/json' },
      body: '{"status":"disabled"}',
    })
    const { data } = (await answer.json()) as { data?: { warning?: string } }
    return [answer.status, data] as const
  }
  const lose = () => {
    state.lost = true
  }
  return { keys, id: record.id, entries, disable, stop, lose }
}

it('warns of the last admin key that is disabled', async () => {
  const { id, disable, entries, stop } = await start()
  const warning = 'No admin key can be used any more'
  expect(await disable()).toEqual([200, { key_id: id, status: 'disabled', updated_at: expect.any(Number), warning }])
  await stop()
  expect(entries).toMatchObject([{ action: 'KEY_DISABLED', result: 'SUCCESS' }])
})

it('a key that was disabled is so, in the answer and in the audit log, when the others can not be looked at', async () => {
  const { keys, id, disable, entries, lose, stop } = await start()
  lose()
  expect(await disable()).toEqual([200, { key_id: id, status: 'disabled', updated_at: expect.any(Number) }])
  expect(await keys.get(id)).toMatchObject({ status: 'disabled' })
  await stop()
  expect(entries).toMatchObject([{ action: 'KEY_DISABLED', result: 'SUCCESS', resource: `key:${id}` }])
})
