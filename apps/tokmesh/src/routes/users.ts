/** `/users`: the contract's section 4.7. */
import { Hono } from 'hono'
import { z } from 'zod'
import type { Sessions } from '../domain/session.ts'
import { noteForAudit } from '../http/audit-note.ts'
import type { AppEnv } from '../http/env.ts'
import type { RouteDeps } from './deps.ts'
import { operation } from './operation.ts'
import { revoke } from './schemas.ts'
import { serve } from './serve.ts'

export const revokeUserSessions = operation({
  id: 'revokeUserSessions',
  method: 'POST',
  path: '/users/:user_id/sessions/revoke',
  tag: 'Sessions',
  summary: 'Revoke all sessions of a user',
  description:
    'More than 1000 are refused, and none is revoked then. With `sync`, `TM-SYS-5030` with `details.committed` says that they are revoked, and that not enough nodes have confirmed so in time.',
  roles: ['issuer', 'admin'],
  replay: 'always',
  audit: 'USER_SESSIONS_REVOKED',
  body: revoke,
  data: z.strictObject({ revoked_count: z.int().min(0) }),
  errors: ['TM-SESS-4001', 'TM-SESS-4002'],
})

/** The routes of a user's sessions. */
export function userRoutes(sessions: Sessions, deps: RouteDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  serve(app, deps, revokeUserSessions, async ({ path, body, c }) => {
    const { sync = false } = body
    noteForAudit(c, { details: { user_id: path.user_id } })
    const revoked_count = await sessions.revokeAllOf(path.user_id, {
      sync,
      onCommitted: (count) => noteForAudit(c, { details: { revoked_count: count, ...(sync && { committed: true }) } }),
    })
    return { revoked_count }
  })
  return app
}
