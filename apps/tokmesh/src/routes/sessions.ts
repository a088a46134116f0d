/** `/sessions`: the contract's sections 4.1 to 4.3, 4.5 and 4.6. */
import { type Handler, Hono } from 'hono'
import type { Sessions } from '../domain/session.ts'
import type { AppEnv } from '../http/env.ts'
import { ok } from '../http/envelope.ts'
import { integer, queryParam, required } from '../http/fields.ts'
import { sessionIdOf } from '../http/path.ts'
import type { RouteDeps } from './deps.ts'
import * as schemas from './schemas.ts'
import { parseFields, project, sessionJson } from './session-json.ts'

/** The session routes. */
export function sessionRoutes(sessions: Sessions, deps: RouteDeps): Hono<AppEnv> {
  const readers = deps.access('validator', 'issuer', 'admin')
  const writers = deps.access('issuer', 'admin')
  return new Hono<AppEnv>()
    .post('/sessions', writers, create(sessions, deps))
    .get('/sessions/:session_id', readers, async (c) => ok(c, sessionJson(await sessions.get(sessionIdOf(c)))))
    .post('/sessions/:session_id/touch', writers, touch(sessions, deps))
    .post('/sessions/:session_id/renew', writers, renew(sessions, deps))
    .post('/sessions/:session_id/revoke', writers, revoke(sessions, deps))
}

function create(sessions: Sessions, { replay, body, caller }: RouteDeps): Handler<AppEnv> {
  return async (c) => {
    replay(c)
    const input = await body(c, schemas.createSession)
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
  }
}

function touch(sessions: Sessions, { replay, body }: RouteDeps): Handler<AppEnv> {
  return async (c) => {
    replay(c)
    await body(c, schemas.nothing)
    const id = sessionIdOf(c)
    const wanted = parseFields(queryParam(c, 'fields'))
    const session = sessionJson(await sessions.touch(id))
    return ok(c, project(session, wanted, ['id', 'user_id', 'expires_at', 'last_active', 'version']))
  }
}

function renew(sessions: Sessions, { replay, body }: RouteDeps): Handler<AppEnv> {
  return async (c) => {
    replay(c)
    const ttl = required((await body(c, schemas.renewSession)).ttl_seconds, 'ttl_seconds')
    const session = await sessions.renew(sessionIdOf(c), integer(ttl, 'ttl_seconds'))
    return ok(c, { new_expires_at: session.expiresAt })
  }
}

function revoke(sessions: Sessions, { replay, body }: RouteDeps): Handler<AppEnv> {
  return async (c) => {
    replay(c)
    // `sync` needs no work on one node: here the revoke is known when it is committed.
    await body(c, schemas.revoke)
    await sessions.revoke(sessionIdOf(c))
    return ok(c, {})
  }
}
