/** `/users`: the contract's section 4.7. */
import { Hono } from 'hono'
import type { Sessions } from '../domain/session.ts'
import type { AppEnv } from '../http/env.ts'
import { ok } from '../http/envelope.ts'
import { userIdOf } from '../http/path.ts'
import type { RouteDeps } from './deps.ts'
import { revoke } from './schemas.ts'

/** The routes of a user's sessions. */
export function userRoutes(sessions: Sessions, { access, replay, body }: RouteDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.post('/users/:user_id/sessions/revoke', access('issuer', 'admin'), async (c) => {
    replay(c)
    await body(c, revoke)
    return ok(c, { revoked_count: await sessions.revokeAllOf(userIdOf(c)) })
  })

  return app
}
