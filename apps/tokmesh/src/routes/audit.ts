/** `/admin/v1/audit/logs`: the contract's section 4.19. */
import { Hono } from 'hono'
import { z } from 'zod'
import { type AuditEntry, type AuditStore, auditActions } from '../domain/audit.ts'
import { TokMeshError } from '../domain/errors.ts'
import type { AppEnv } from '../http/env.ts'
import { pagination, totalItems, unixMs } from './answers.ts'
import type { RouteDeps } from './deps.ts'
import { operation } from './operation.ts'
import { choice, type Parameter, page, parsed, size } from './parameters.ts'
import { serve } from './serve.ts'

const entrySchema = z
  .strictObject({
    id: z.string().meta({ examples: ['audit-01m80fpe66ana6ercc8e5ky6rj'] }),
    timestamp: unixMs(),
    operator_id: z.string().meta({ description: 'Id of the calling key, or `system`.' }),
    action: z.enum(auditActions),
    resource: z.string().meta({ description: 'What it was done to, e.g. `session:<id>`; empty when unknown.' }),
    ip_address: z.string().meta({ description: 'The same as `client_ip`.' }),
    user_agent: z.string(),
    details: z.record(z.string(), z.unknown()),
    result: z.enum(['SUCCESS', 'FAILURE']),
    tcp_remote_ip: z.string().meta({ description: 'The other end of the connection.' }),
    client_ip: z.string().meta({ description: 'Who asked, behind trusted proxies.' }),
  })
  .meta({ id: 'AuditEntry' })

const keyId = /^tmak-[0-7][0-9a-hjkmnp-tv-z]{25}$/

export const listAudit = operation({
  id: 'listAuditEntries',
  method: 'GET',
  path: '/admin/v1/audit/logs',
  tag: 'Administration',
  summary: 'Read the audit log',
  description: 'The newest first. An entry is here within a second after its call.',
  roles: ['admin'],
  query: {
    start_time: instant('Only entries at or after this time.'),
    end_time: instant('Only entries before this time.'),
    operator_id: parsed('Only entries of this key, or of `system`.', { type: 'string' }, readOperator),
    action: choice('Only entries with this action.', auditActions),
    page,
    size,
  },
  data: z.strictObject({ items: z.array(entrySchema), pagination, total_items: totalItems }),
  errors: ['TM-ARG-1003'],
})

/** The audit route. It stands behind the guard of `/admin/v1`. */
export function auditRoutes(audit: Pick<AuditStore, 'query'>, deps: RouteDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  serve(app, deps, listAudit, async ({ query }) => {
    const { start_time: from, end_time: until, operator_id: operatorId, action, page, size } = query
    if (from !== undefined && until !== undefined && from > until) {
      throw new TokMeshError('TM-ARG-1003', 'start_time is after end_time')
    }
    const { items, total } = await audit.query({ from, until, operatorId, action, page, size })
    return { items: items.map(entryJson), pagination: { page, size, total }, total_items: total }
  })
  return app
}

/** Unix ms in decimal digits; what is beyond the exact numbers is as good as the largest of them. */
function instant(description: string): Parameter<number> {
  return parsed(description, { type: 'integer', minimum: 0 }, (text) => {
    if (!/^\d+$/.test(text)) throw new SyntaxError('has to be Unix milliseconds')
    return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
  })
}

function readOperator(text: string): string {
  // By hand for A to Z: toLowerCase() also turns the Kelvin sign into a k.
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  if (lower === 'system' || keyId.test(lower)) return lower
  throw new SyntaxError('has to be a key id or system')
}

function entryJson(entry: AuditEntry): z.infer<typeof entrySchema> {
  return {
    id: entry.id,
    timestamp: entry.timestamp,
    operator_id: entry.operatorId,
    action: entry.action,
    resource: entry.resource,
    ip_address: entry.clientIp,
    user_agent: entry.userAgent,
    details: entry.details,
    result: entry.result,
    tcp_remote_ip: entry.tcpRemoteIp,
    client_ip: entry.clientIp,
  }
}
