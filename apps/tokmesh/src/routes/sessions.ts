/** `/sessions`: the contract's sections 4.1 to 4.3, 4.5 and 4.6. */
import { Hono } from 'hono'
import type { Sessions } from '../domain/session.ts'
import type { AppEnv } from '../http/env.ts'
import { ok } from '../http/envelope.ts'
import { integer, queryParam, required } from '../http/fields.ts'
import { sessionIdOf } from '../http/path.ts'
import type { RouteDeps } from './deps.ts'
import { createSession, nothing, renewSession, revoke } from './schemas.ts'
import { parseFields, project, sessionJson } from './session-json.ts'

/** The session routes. */
export function sessionRoutes(sessions: Sessions, { access, replay, body, caller }: RouteDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.post('/sessions', access('issuer', 'admin'), async (c) => {
    replay(c)
    const input = await body(c, createSession)
    const { session, token } = await sessions.create(
      {
        userId: required(input.user_id, 'user_id'),
        deviceId: input.device_id,
        ttlSeconds: input.ttl_seconds === undefined ? undefined : integer(input.ttl_seconds, 'ttl_seconds'),
        data: input.data,
        token: input.token,
      },
      caller(c),
    )
    c.set('sessionId', session.id)
    return ok(c, { session_id: session.id, token, expires_at: session.expiresAt }, 201)
  })

  app.get('/sessions/:session_id', access('validator', 'issuer', 'admin'), async (c) => {
    return ok(c, sessionJson(await sessions.get(sessionIdOf(c))))
  })

  app.post('/sessions/:session_id/touch', access('issuer', 'admin'), async (c) => {
    replay(c)
    await body(c, nothing)
    const id = sessionIdOf(c)
    const wanted = parseFields(queryParam(c, 'fields'))
    const session = sessionJson(await sessions.touch(id))
    return ok(c, project(session, wanted, ['id', 'user_id', 'expires_at', 'last_active', 'version']))
  })

  app.post('/sessions/:session_id/renew', access('issuer', 'admin'), async (c) => {
    replay(c)
    const ttl = required((await body(c, renewSession)).ttl_seconds, 'ttl_seconds')
    const session = await sessions.renew(sessionIdOf(c), integer(ttl, 'ttl_seconds'))
    return ok(c, { new_expires_at: session.expiresAt })
  })

  app.post('/sessions/:session_id/revoke', access('issuer', 'admin'), async (c) => {
    replay(c)
    // `sync` needs no work on one node: here the revoke is known when it is committed.
    await body(c, revoke)
    await sessions.revoke(sessionIdOf(c))
    return ok(c, {})
  })

  return app
}
