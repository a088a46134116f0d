import type { Catalogue } from '@honoscope/core'
import { TokMeshError } from '../domain/errors.ts'
import type { Sessions } from '../domain/session.ts'

const methods = ['create', 'get', 'search', 'touch', 'renew', 'revoke', 'revokeAllOf', 'validate'] as const
type Method = (typeof methods)[number]

/**
 * Returns `sessions` with every call counted and timed as the `session` service, apart from the HTTP around it. A
 * refusal by the rules is `refused`; a fault, of the database or of ours, is `error`. It changes nothing of what the
 * calls return or throw.
 */
export function instrumentCalls(sessions: Sessions, metrics: Catalogue): Sessions {
  const service = ['session'] as const
  const calls = metrics.counter({
    name: 'service_requests_total',
    help: 'Internal service calls.',
    labels: { service, method: methods, status: ['ok', 'refused', 'error'] },
  })
  const durations = metrics.histogram({
    name: 'service_request_duration_seconds',
    help: 'Time of internal service calls.',
    labels: { service, method: methods },
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  })

  const observed = <Args extends readonly unknown[], Result>(
    method: Method,
    call: (...args: Args) => Promise<Result>,
  ): ((...args: Args) => Promise<Result>) => {
    const counter = (status: 'ok' | 'refused' | 'error') => calls.series({ service: 'session', method, status })
    const series = { ok: counter('ok'), refused: counter('refused'), error: counter('error') }
    const duration = durations.series({ service: 'session', method })
    return async (...args) => {
      const startedAt = performance.now()
      try {
        const result = await call(...args)
        series.ok.inc()
        return result
      } catch (error) {
        series[isRefusal(error) ? 'refused' : 'error'].inc()
        throw error
      } finally {
        duration.observe((performance.now() - startedAt) / 1000)
      }
    }
  }

  return {
    create: observed('create', sessions.create),
    get: observed('get', sessions.get),
    search: observed('search', sessions.search),
    touch: observed('touch', sessions.touch),
    renew: observed('renew', sessions.renew),
    revoke: observed('revoke', sessions.revoke),
    revokeAllOf: observed('revokeAllOf', sessions.revokeAllOf),
    validate: observed('validate', sessions.validate),
  }
}

const isRefusal = (error: unknown) => error instanceof TokMeshError && !error.code.startsWith('TM-SYS-')
