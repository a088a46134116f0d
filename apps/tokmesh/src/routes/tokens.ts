/** `/tokens`: the contract's section 4.8. */
import { Hono } from 'hono'
import { TokMeshError } from '../domain/errors.ts'
import type { Sessions } from '../domain/session.ts'
import type { AppEnv } from '../http/env.ts'
import { ok } from '../http/envelope.ts'
import { required } from '../http/fields.ts'
import type { RouteDeps } from './deps.ts'
import { validateToken } from './schemas.ts'
import { sessionJson } from './session-json.ts'

/** The token routes. */
export function tokenRoutes(sessions: Sessions, { access, replay, body, caller }: RouteDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.post('/tokens/validate', access('validator', 'issuer', 'admin'), async (c) => {
    const { token, touch = false } = await body(c, validateToken)
    // After the body here: only with touch does this route change anything.
    if (touch) replay(c)
    try {
      const session = await sessions.validate(required(token, 'token'), touch ? caller(c) : undefined)
      c.set('sessionId', session.id)
      return ok(c, { valid: true, session: sessionJson(session) })
    } catch (error) {
      throw withVerdict(error)
    }
  })

  return app
}

/** Says `valid: false` in the details of every verdict on a token. */
function withVerdict(error: unknown): unknown {
  if (!(error instanceof TokMeshError && error.code.startsWith('TM-TOKN-'))) return error
  return new TokMeshError(error.code, error.message, { details: { ...error.details, valid: false }, cause: error })
}
