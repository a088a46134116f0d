/** Declarations of `/admin/v1/keys`, and keys as clients see them: the contract's section 6.2, column "Out". */
import type { KeyInfo } from '@honoscope/api-key'
import { z } from 'zod'
import { pagination, totalItems, unixMs } from './answers.ts'
import { roles } from './deps.ts'
import { operation } from './operation.ts'
import { choice, page, size } from './parameters.ts'
import * as bodies from './schemas.ts'

/** What a key can be set to. */
export const keyStatuses = ['active', 'disabled'] as const

const keyId = z.string().meta({ examples: ['tmak-01m80fpe66ana6ercc8e5ky6rj'] })
const warning = z.string().optional().meta({ description: 'Something to think about.' })

const keySchema = z
  .strictObject({
    key_id: keyId,
    role: z.string(),
    description: z.string(),
    allowedlist: z.array(z.string()).readonly(),
    rate_limit: z.int().meta({ description: 'Requests per second on each node.' }),
    expires_at: unixMs('0: never.'),
    grace_period_end: unixMs('Until then the secret before the last rotation works too; 0: none does.'),
    status: z.enum(keyStatuses),
    created_at: unixMs(),
    created_by: z.string().meta({ description: 'Id of the creating key, or `system`.' }),
    last_used_at: unixMs('0: never.'),
  })
  .meta({ id: 'ApiKey' })

export const createKey = operation({
  id: 'createKey',
  method: 'POST',
  path: '/admin/v1/keys',
  tag: 'Keys',
  summary: 'Make an API key',
  description: 'The secret is in this answer and in no other.',
  roles: ['admin'],
  replay: 'always',
  audit: 'KEY_CREATED',
  body: bodies.createKey,
  required: ['role'],
  data: z.strictObject({
    key_id: keyId,
    key_secret: z.string(),
    created_at: unixMs(),
    expires_at: unixMs('0: never.'),
    warning,
  }),
  status: 201,
  errors: ['TM-ARG-1001', 'TM-ADMIN-5001'],
})

export const listKeys = operation({
  id: 'listKeys',
  method: 'GET',
  path: '/admin/v1/keys',
  tag: 'Keys',
  summary: 'List API keys',
  description: 'The newest first. No secret and no hash is ever shown.',
  roles: ['admin'],
  query: {
    page,
    size,
    role: choice('Only keys of this role.', roles),
    status: choice('Only keys with this status.', keyStatuses),
  },
  data: z.strictObject({ items: z.array(keySchema), pagination, total_items: totalItems }),
  errors: [],
})

export const setKeyStatus = operation({
  id: 'setKeyStatus',
  method: 'POST',
  path: '/admin/v1/keys/:key_id/status',
  tag: 'Keys',
  summary: 'Disable or enable an API key',
  description: 'At once on this node, on others within 2 s.',
  roles: ['admin'],
  replay: 'always',
  audit: 'KEY_DISABLED',
  body: bodies.keyStatus,
  required: ['status'],
  data: z.strictObject({ key_id: keyId, status: z.enum(keyStatuses), updated_at: unixMs(), warning }),
  errors: ['TM-ADMIN-4041', 'TM-ADMIN-5001'],
})

export const rotateKey = operation({
  id: 'rotateKey',
  method: 'POST',
  path: '/admin/v1/keys/:key_id/rotate',
  tag: 'Keys',
  summary: 'Give an API key a new secret',
  description: 'The old secret works on for security.auth.rotation_grace.',
  roles: ['admin'],
  replay: 'always',
  audit: 'KEY_ROTATED',
  body: bodies.nothing,
  data: z.strictObject({ key_id: keyId, new_key_secret: z.string(), old_secret_valid_until: unixMs() }),
  errors: ['TM-ARG-1003', 'TM-ADMIN-4041', 'TM-ADMIN-5001'],
})

/** The key with its response-visible fields. A grace that is over is none. */
export function keyJson(key: KeyInfo, now: number = Date.now()): z.infer<typeof keySchema> {
  return {
    key_id: key.id,
    role: key.role,
    description: key.description,
    allowedlist: key.allowList,
    rate_limit: key.rateLimit,
    expires_at: key.expiresAt,
    grace_period_end: key.gracePeriodEnd > now ? key.gracePeriodEnd : 0,
    status: key.status,
    created_at: key.createdAt,
    created_by: key.createdBy,
    last_used_at: key.lastUsedAt,
  }
}
