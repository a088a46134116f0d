import type { Catalogue } from '@honoscope/core'
import { TokMeshError } from '../domain/errors.ts'
import type { Sessions } from '../domain/session.ts'
import type { SessionHooks } from '../domain/sessions.ts'

/** Registers what the session rules tell beside their results, and returns the hooks that tell it. */
export function sessionHooks(metrics: Catalogue): SessionHooks {
  const overQuota = metrics.counter({ name: 'session_quota_exceeded_total', help: 'Creates refused for quota.' })
  const conflicts = metrics.counter({
    name: 'session_version_conflicts_total',
    help: 'Attempts to change a session that another writer undid.',
    labels: { method: ['renew', 'touch', 'validate'] },
  })
  const revokeLag = metrics.histogram({
    name: 'session_revoke_propagation_lag_seconds',
    help: 'From the commit of a revoke to the session being unusable on this node.',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
  })
  return {
    onQuotaExceeded: () => overQuota.inc(),
    onVersionConflict: (method) => conflicts.inc({ method }),
    onRevoked: (lagSeconds) => revokeLag.observe(lagSeconds),
  }
}

/** Returns `sessions` with creates and validations counted. It changes nothing of what they return or throw. */
export function instrumentSessions(sessions: Sessions, metrics: Catalogue): Sessions {
  const created = metrics.counter({ name: 'session_create_total', help: 'Sessions created.' })
  const validations = metrics.counter({
    name: 'token_validate_calls_total',
    help: 'Token validations by outcome.',
    labels: { result: ['valid', 'invalid', 'error'] },
  })
  return {
    ...sessions,
    async create(input, caller) {
      const result = await sessions.create(input, caller)
      created.inc()
      return result
    },
    async validate(token, touch) {
      try {
        const validation = await sessions.validate(token, touch)
        validations.inc({ result: 'valid' })
        return validation
      } catch (error) {
        const refused = error instanceof TokMeshError && error.code.startsWith('TM-TOKN-')
        validations.inc({ result: refused ? 'invalid' : 'error' })
        throw error
      }
    },
  }
}
