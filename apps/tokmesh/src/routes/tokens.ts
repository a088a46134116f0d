/** `/tokens`: the contract's section 4.8. */
import { Hono } from 'hono'
import { z } from 'zod'
import { holds } from '../cluster/freshness.ts'
import { TokMeshError } from '../domain/errors.ts'
import type { Sessions } from '../domain/session.ts'
import type { AppEnv } from '../http/env.ts'
import type { RouteDeps } from './deps.ts'
import { operation } from './operation.ts'
import { validateToken as body } from './schemas.ts'
import { serve } from './serve.ts'
import { sessionJson, sessionSchema } from './session-json.ts'

export const validateToken = operation({
  id: 'validateToken',
  method: 'POST',
  path: '/tokens/validate',
  tag: 'Tokens',
  summary: 'Validate a token',
  description: 'Every verdict on a token is 401 or 400 with `details.valid` false. With `touch` the access is noted.',
  roles: ['validator', 'issuer', 'admin'],
  replay: 'when_touching',
  body,
  required: ['token'],
  data: z.strictObject({ valid: z.literal(true), session: sessionSchema }),
  errors: ['TM-TOKN-4000', 'TM-TOKN-4010', 'TM-TOKN-4011', 'TM-TOKN-4012'],
})

/** The token routes. */
export function tokenRoutes(sessions: Sessions, deps: RouteDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  serve(app, deps, validateToken, async ({ body: { token, touch }, caller, c }) => {
    try {
      // The process may have been frozen since the verdict, for any time: then it is asked for once more, and never
      // given when it is too old. What remains is the way from this look at the clock to the answer in the socket.
      for (const toucher of [touch ? caller : undefined, undefined]) {
        const { session, asOf } = await sessions.validate(token, toucher)
        c.set('sessionId', session.id)
        const answer = { valid: true, session: sessionJson(session) } as const
        if (holds(deps.freshness, asOf)) return answer
      }
    } catch (error) {
      throw withVerdict(error)
    }
    throw new TokMeshError('TM-SYS-5030', 'The verdict on the token came too late.')
  })
  return app
}

/** Says `valid: false` in the details of every verdict on a token. */
function withVerdict(error: unknown): unknown {
  if (!(error instanceof TokMeshError && error.code.startsWith('TM-TOKN-'))) return error
  return new TokMeshError(error.code, error.message, { details: { ...error.details, valid: false }, cause: error })
}
