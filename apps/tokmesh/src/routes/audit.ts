/** `/admin/v1/audit/logs`: the contract's section 4.19. */
import { Hono } from 'hono'
import { z } from 'zod'
import { type AuditEntry, type AuditStore, auditActions } from '../domain/audit.ts'
import { keyIdPattern, lowerCase } from '../domain/ids.ts'
import { checkRange } from '../domain/search.ts'
import type { AppEnv } from '../http/env.ts'
import { parseUnixMs } from '../http/instant.ts'
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
    checkRange(from, until, ['start_time', 'end_time'])
    const { items, total } = await audit.query({ from, until, operatorId, action, page, size })
    return { items: items.map(entryJson), pagination: { page, size, total }, total_items: total }
  })
  return app
}

function instant(description: string): Parameter<number, undefined> {
  return parsed(description, { type: 'integer', minimum: 0 }, parseUnixMs)
}

function readOperator(text: string): string {
  const lower = lowerCase(text)
  if (lower === 'system' || keyIdPattern.test(lower)) return lower
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
