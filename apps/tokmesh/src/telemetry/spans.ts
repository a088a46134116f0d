import type { Tracing } from '@honoscope/tracing'
import type { Span } from '@opentelemetry/api'
import { type ErrorCode, TokMeshError } from '../domain/errors.ts'
import type { Sessions } from '../domain/session.ts'
import type { SessionStore } from '../domain/session-store.ts'

type Call<Args extends readonly unknown[], Result> = (...args: Args) => Promise<Result>

/** Returns `sessions` with a span around each call; as they are when nothing is traced. */
export function traceSessions(sessions: Sessions, tracing: Tracing): Sessions {
  if (!tracing.enabled) return sessions
  const traced = tracer(tracing)
  return {
    create: traced('session.create', sessions.create),
    get: traced('session.get', sessions.get),
    search: traced('session.search', sessions.search),
    touch: traced('session.touch', sessions.touch),
    renew: traced('session.renew', sessions.renew),
    revoke: traced('session.revoke', sessions.revoke),
    revokeAllOf: traced('session.revoke_all', sessions.revokeAllOf),
    validate: traced('token.validate', sessions.validate),
  }
}

/** Returns `store` with a span around each step of a sweep, which only has steps when there is something to do. */
export function traceSweeps(store: SessionStore, tracing: Tracing): SessionStore {
  if (!tracing.enabled) return store
  const traced = tracer(tracing)
  return {
    ...store,
    sweep: traced('session.sweep', store.sweep),
    removeTombstones: traced('session.remove_tombstones', store.removeTombstones),
  }
}

/** Makes calls into spans. A refusal by the rules is an outcome and no error: its code stands in the span. */
function tracer(tracing: Tracing) {
  return <Args extends readonly unknown[], Result>(name: string, call: Call<Args, Result>): Call<Args, Result> =>
    async (...args) => {
      const outcome = await tracing.span(name, async (span) => {
        try {
          return { result: await call(...args) }
        } catch (error) {
          if (!(error instanceof TokMeshError) || error.code.startsWith('TM-SYS-')) throw error
          noteCode(span, error.code)
          return { refusal: error }
        }
      })
      if ('refusal' in outcome) throw outcome.refusal
      return outcome.result
    }
}

function noteCode(span: Span, code: ErrorCode): void {
  try {
    span.setAttribute('tokmesh.code', code)
  } catch {
    // The caller is told of the refusal, whatever becomes of its span.
  }
}
