/** `/sessions`: the contract's sections 4.1 to 4.3, 4.5 and 4.6. */
import { Hono } from 'hono'
import { z } from 'zod'
import type { Sessions } from '../domain/session.ts'
import { noteForAudit } from '../http/audit-note.ts'
import type { AppEnv } from '../http/env.ts'
import { integer } from '../http/fields.ts'
import { unixMs } from './answers.ts'
import type { RouteDeps } from './deps.ts'
import { operation } from './operation.ts'
import * as bodies from './schemas.ts'
import { serve } from './serve.ts'
import { fields, partialSessionSchema, project, sessionJson, sessionSchema } from './session-json.ts'

export const createSession = operation({
  id: 'createSession',
  method: 'POST',
  path: '/sessions',
  tag: 'Sessions',
  summary: 'Create a session',
  description: 'The token is in this answer and in no other.',
  roles: ['issuer', 'admin'],
  replay: 'always',
  audit: 'SESSION_CREATED',
  status: 201,
  body: bodies.createSession,
  required: ['user_id'],
  data: z.strictObject({ session_id: z.string(), token: z.string(), expires_at: unixMs() }),
  errors: ['TM-ARG-1001', 'TM-SESS-4001', 'TM-SESS-4002', 'TM-SESS-4090', 'TM-TOKN-4000', 'TM-TOKN-4090'],
})

export const getSession = operation({
  id: 'getSession',
  method: 'GET',
  path: '/sessions/:session_id',
  tag: 'Sessions',
  summary: 'Read a session',
  description: 'Changes nothing.',
  roles: ['validator', 'issuer', 'admin'],
  data: sessionSchema,
  errors: ['TM-SESS-4040', 'TM-SESS-4041'],
})

export const touchSession = operation({
  id: 'touchSession',
  method: 'POST',
  path: '/sessions/:session_id/touch',
  tag: 'Sessions',
  summary: 'Note that a session is in use',
  description: 'Sets `last_active`, which never goes back.',
  roles: ['issuer', 'admin'],
  replay: 'always',
  body: bodies.nothing,
  query: { fields },
  data: partialSessionSchema,
  errors: ['TM-SESS-4040', 'TM-SESS-4041'],
})

export const renewSession = operation({
  id: 'renewSession',
  method: 'POST',
  path: '/sessions/:session_id/renew',
  tag: 'Sessions',
  summary: 'Give a session a new life',
  description: 'Counted from now; it may shorten the session too.',
  roles: ['issuer', 'admin'],
  replay: 'always',
  audit: 'SESSION_RENEWED',
  body: bodies.renewSession,
  required: ['ttl_seconds'],
  data: z.strictObject({ new_expires_at: unixMs() }),
  errors: ['TM-SESS-4001', 'TM-SESS-4040', 'TM-SESS-4041', 'TM-SESS-4091'],
})

export const revokeSession = operation({
  id: 'revokeSession',
  method: 'POST',
  path: '/sessions/:session_id/revoke',
  tag: 'Sessions',
  summary: 'Revoke a session',
  description:
    'An unknown, expired or revoked one is a success too. With `sync`, `TM-SYS-5030` with `details.committed` says that it is revoked, and that not enough nodes have confirmed so in time.',
  roles: ['issuer', 'admin'],
  replay: 'always',
  audit: 'SESSION_REVOKED',
  body: bodies.revoke,
  data: z.strictObject({}),
  errors: [],
})

/** The session routes. */
export function sessionRoutes(sessions: Sessions, deps: RouteDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  serve(app, deps, createSession, async ({ body, caller, c }) => {
    const { user_id: userId, device_id: deviceId, ttl_seconds: ttl, data, token: own } = body
    const ttlSeconds = ttl === undefined ? undefined : integer(ttl, 'ttl_seconds')
    noteForAudit(c, { details: { user_id: userId } })
    const { session, token } = await sessions.create({ userId, deviceId, ttlSeconds, data, token: own }, caller)
    c.set('sessionId', session.id)
    noteForAudit(c, { resource: `session:${session.id}`, details: { expires_at: session.expiresAt } })
    return { session_id: session.id, token, expires_at: session.expiresAt }
  })

  serve(app, deps, getSession, async ({ path }) => sessionJson(await sessions.get(path.session_id)))

  serve(app, deps, touchSession, async ({ path, query }) => {
    const session = sessionJson(await sessions.touch(path.session_id))
    return project(session, query.fields, ['user_id', 'expires_at', 'last_active', 'version'])
  })

  serve(app, deps, renewSession, async ({ path, body, c }) => {
    const session = await sessions.renew(path.session_id, integer(body.ttl_seconds, 'ttl_seconds'))
    noteForAudit(c, { details: { user_id: session.userId, expires_at: session.expiresAt } })
    return { new_expires_at: session.expiresAt }
  })

  serve(app, deps, revokeSession, async ({ path, body, c }) => {
    const { sync = false } = body
    await sessions.revoke(path.session_id, {
      sync,
      // The call may still fail, for want of confirmations; the entry has to say what it did all the same.
      onCommitted: ({ userId }) => noteForAudit(c, { details: { user_id: userId, ...(sync && { committed: true }) } }),
    })
    return {}
  })

  return app
}
