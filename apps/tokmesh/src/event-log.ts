import type { Instrument } from '@honoscope/core'
import { describeError, type LogLevel } from '@honoscope/logging'
import type { ErrorCode } from './domain/errors.ts'
import type { AppContext } from './http/env.ts'
import type { Log } from './log.ts'

/** Successes worth a line: the contract's section 9.1. Others, reads and validations, have one at level debug. */
const events: Readonly<Record<string, readonly [logger: string, message: string]>> = {
  'POST /sessions': ['tokmesh.session', 'session created'],
  'POST /sessions/:session_id/revoke': ['tokmesh.session', 'session revoked'],
  'POST /users/:user_id/sessions/revoke': ['tokmesh.session', 'sessions of a user revoked'],
  'POST /admin/v1/keys': ['tokmesh.keys', 'key created'],
  'POST /admin/v1/keys/:key_id/status': ['tokmesh.keys', 'key status set'],
  'POST /admin/v1/keys/:key_id/rotate': ['tokmesh.keys', 'key rotated'],
}

/** A probe that says "not ready" is no fault, and is asked every few seconds. */
const probes: ReadonlySet<string> = new Set(['/ready', '/health/ready', '/health/startup'])

const warnings: ReadonlySet<ErrorCode> = new Set(['TM-SESS-4002', 'TM-SESS-4091', 'TM-SYS-4290'])

/** Returns an instrument that logs what operators want to know of requests. Lines hold templates, never paths. */
export function eventLog(log: Log): Instrument {
  return {
    name: 'event_log',
    end(x) {
      const c = x.context as AppContext
      const event = x.status < 400 ? events[`${x.method} ${x.route}`] : undefined
      const grave = probes.has(x.route) ? undefined : levelOf(x.status, c.get('errorCode'), event !== undefined)
      const level = grave ?? 'debug'
      if (level === 'debug' && (log.level ?? 'debug') !== 'debug') return
      const [logger, message] = event ?? ['tokmesh.http', x.status < 400 ? 'request answered' : 'request refused']
      log(level, logger, message, {
        request_id: c.get('requestId'),
        trace_id: x.span?.traceId,
        span_id: x.span?.spanId,
        session_id: c.get('sessionId'),
        api_key_id: c.get('apiKey')?.id ?? c.get('refused')?.keyId,
        method: x.method,
        route: x.route.replace(/:(\w+)/g, '{$1}'),
        status: x.status,
        result: c.get('errorCode') ?? 'OK',
        duration_ms: Math.round(x.durationMs * 1000) / 1000,
        ...(level === 'error' && x.error !== undefined && describeError(x.error)),
      })
    },
  }
}

function levelOf(status: number, code: ErrorCode | undefined, isEvent: boolean): LogLevel | undefined {
  if (status >= 500) return 'error'
  if (code && warnings.has(code)) return 'warn'
  return isEvent ? 'info' : undefined
}
