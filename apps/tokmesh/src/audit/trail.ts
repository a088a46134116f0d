/** Watches requests and writes down the ones that the contract's section 9.2 wants: who did what, and how it ended. */
import type { DenialReason } from '@honoscope/api-key'
import type { Exchange, Instrument } from '@honoscope/core'
import type { AuditAction, AuditEntry } from '../domain/audit.ts'
import { resourceAt } from '../http/audit-note.ts'
import type { AppContext, Refused } from '../http/env.ts'
import { type AuditFacts, createEntries, type NewEntry } from './entry.ts'

/** Options of {@link auditTrail}. */
export interface TrailOptions {
  /** Action of each audited operation, by method and route in Hono's form: `POST /sessions`. */
  readonly actions: ReadonlyMap<string, AuditAction>
  /** Takes an entry. It must not block. */
  readonly write: (entry: AuditEntry) => void
  /** Default: real ids and the real time. */
  readonly newEntry?: NewEntry | undefined
}

/** Steps 2 to 6 of the contract's section 6.4: a key was presented, and did not prove good. */
const authFailures: ReadonlySet<DenialReason> = new Set(['unknown', 'disabled', 'expired', 'ip', 'secret'])

/**
 * Returns the instrument for `observe()`. It works at the end of an exchange, which comes when the handler is done,
 * also when the client has left before: what was committed is written down, whether or not anybody heard of it.
 */
export function auditTrail({ actions, write, newEntry = createEntries() }: TrailOptions): Instrument {
  return {
    name: 'audit',
    end(x) {
      const c = x.context as AppContext
      const refused = c.get('refused')
      const action = actions.get(`${x.method} ${x.route}`)
      const facts = refused ? ofRefusal(x, refused, action) : action && ofCall(x, action)
      if (!facts) return
      const details = x.span ? { ...facts.details, trace_id: x.span.traceId } : facts.details
      write(newEntry({ ...facts, details, userAgent: c.req.header('user-agent') }))
    },
  }
}

/** A request that the guard stopped: its key was not good, or not good for this. Other refusals are not audited. */
function ofRefusal(x: Exchange, refused: Refused, action: AuditAction | undefined): AuditFacts | undefined {
  const { reason, keyId: operatorId, address } = refused
  const code = (x.context as AppContext).get('errorCode')
  if (authFailures.has(reason)) {
    const resource = `route:${x.method} ${x.route.replace(/:(\w+)/g, '{$1}')}`
    return { operatorId, action: 'AUTH_FAILED', result: 'FAILURE', resource, address, details: { code, reason } }
  }
  if (reason !== 'role' || !action) return undefined
  const resource = resourceAt(x.route, x.context.req.url)
  return { operatorId, action, result: 'FAILURE', resource, address, details: { code } }
}

/** A write whose caller was let in. */
function ofCall(x: Exchange, action: AuditAction): AuditFacts | undefined {
  const c = x.context as AppContext
  const key = c.get('apiKey')
  // No key: the credential was missing, or the service had not started.
  if (!key) return undefined
  const { action: actual = action, resource, details } = c.get('audit') ?? {}
  const failed = x.status >= 400
  return {
    operatorId: key.id,
    action: actual,
    result: failed ? 'FAILURE' : 'SUCCESS',
    resource: resource ?? resourceAt(x.route, c.req.url),
    details: failed ? { code: c.get('errorCode'), ...details } : details,
    address: { client: key.ip, peer: key.peer },
  }
}
