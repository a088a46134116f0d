/** GET `/sessions`: the contract's section 4.4. */
import { parseNetwork } from '@honoscope/api-key'
import { Hono } from 'hono'
import { z } from 'zod'
import { keyIdPattern, lowerCase } from '../domain/ids.ts'
import { checkRange, offsetOf } from '../domain/search.ts'
import type { Sessions } from '../domain/session.ts'
import type { AppEnv } from '../http/env.ts'
import { parseInstant } from '../http/instant.ts'
import { anyCase } from '../http/path.ts'
import { totalItems } from './answers.ts'
import type { RouteDeps } from './deps.ts'
import { operation } from './operation.ts'
import { choice, type Parameter, page, parsed, size, text } from './parameters.ts'
import { serve } from './serve.ts'
import { fields, partialSessionSchema, project, sessionJson } from './session-json.ts'

export const searchSessions = operation({
  id: 'searchSessions',
  method: 'GET',
  path: '/sessions',
  tag: 'Sessions',
  summary: 'Search sessions',
  description:
    'An issuer has to name a `user_id`. Filters are combined: a session has to meet all of them. With `fields` an ' +
    'item has the named ones and its `id`.',
  roles: ['issuer', 'admin'],
  issuerNeeds: 'user_id',
  query: {
    user_id: text('Sessions of this user.'),
    device_id: text('Sessions of this device.'),
    page,
    size,
    ip_address: parsed(
      'Sessions created from this address, or from an address of this CIDR block.',
      { type: 'string', examples: ['192.0.2.0/24'] },
      readNetwork,
    ),
    key_id: parsed(
      'Sessions created with this API key; its id in any case.',
      { type: 'string', pattern: anyCase(keyIdPattern) },
      readKeyId,
    ),
    time_range_start: instant('Sessions created at this time or later.'),
    time_range_end: instant('Sessions created before this time.'),
    active_after: instant('Sessions whose `last_active` is this time or later.'),
    status: choice(
      'Sessions that can be used; or those that have expired and are still kept, revoked ones included.',
      ['active', 'expired'],
      'active',
    ),
    sort_by: choice('What to sort by.', ['created_at', 'last_active'], 'created_at'),
    sort_order: choice(
      'Which way to sort; sessions that tie are sorted by their id, the same way.',
      ['desc', 'asc'],
      'desc',
    ),
    fields,
  },
  data: z.strictObject({
    items: z.array(partialSessionSchema),
    total_items: totalItems,
    page: z.int().min(1),
    size: z.int().min(1).max(100),
  }),
  errors: ['TM-ARG-1003'],
})

/** The route of the search. */
export function searchRoutes(sessions: Sessions, deps: RouteDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  serve(app, deps, searchSessions, async ({ query }) => {
    const { page, size, time_range_start: createdFrom, time_range_end: createdBefore } = query
    checkRange(createdFrom, createdBefore, ['time_range_start', 'time_range_end'])
    const { items, total } = await sessions.search({
      userId: query.user_id,
      deviceId: query.device_id,
      network: query.ip_address,
      createdBy: query.key_id,
      createdFrom,
      createdBefore,
      activeFrom: query.active_after,
      status: query.status,
      sortBy: query.sort_by === 'created_at' ? 'createdAt' : 'lastActive',
      descending: query.sort_order === 'desc',
      offset: offsetOf(page, size),
      limit: size,
    })
    return { items: items.map((one) => project(sessionJson(one), query.fields)), total_items: total, page, size }
  })
  return app
}

function instant(description: string): Parameter<number, undefined> {
  const schema = {
    oneOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', format: 'date-time' },
    ],
  }
  return parsed(`${description} Unix ms, or RFC 3339.`, schema, parseInstant)
}

function readNetwork(text: string): string {
  const network = parseNetwork(text)
  if (network !== undefined) return network
  throw new SyntaxError('has to be an IP address or a CIDR block')
}

function readKeyId(text: string): string {
  const id = lowerCase(text)
  if (keyIdPattern.test(id)) return id
  throw new SyntaxError('has to be the id of an API key')
}
