/**
 * Shapes of the request bodies: names and types. What is required and what values are allowed is asked later, because
 * the contract answers those with other codes (section 4.0, order of errors); the limits stand here for the document,
 * from the constants that the rules use.
 */
import { z } from 'zod'
import { tokenPattern } from '../domain/ids.ts'
import { fieldLimits, keyLimits } from '../domain/rules.ts'
import { roles } from './deps.ts'

// Not `z.number()`: it refuses the infinity that JSON.parse makes of 1e999, a number out of range and not of another type.
const integer = (meta: { readonly description: string; readonly minimum: number; readonly maximum?: number }) =>
  z
    .custom<number>((value) => typeof value === 'number')
    .optional()
    .meta({ type: 'integer', ...meta })

// Not `z.record()`: it passes over a key named `__proto__`, value and all.
const texts = z.custom<Readonly<Record<string, string>>>(isTextMap).meta({
  type: 'object',
  additionalProperties: { type: 'string', maxLength: fieldLimits.dataValue },
  propertyNames: { maxLength: fieldLimits.dataKey },
  description: `Texts of the caller's own, at most ${fieldLimits.dataBytes} bytes as compact JSON.`,
})

function isTextMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((inner) => typeof inner === 'string')
}

const text = (meta: Readonly<Record<string, unknown>>) => z.string().optional().meta(meta)

/** POST `/sessions`. */
export const createSession = z.strictObject({
  user_id: text({ description: 'Whose session it is.', minLength: 1, maxLength: fieldLimits.userId }),
  device_id: text({ description: 'Which device it is on.', maxLength: fieldLimits.deviceId }),
  ttl_seconds: integer({ description: 'Life in seconds. Default: session.ttl.default.', minimum: 1 }),
  data: texts.optional(),
  token: text({ description: 'A token of your own instead of a generated one.', pattern: tokenPattern.source }),
})

/** POST `/sessions/{session_id}/renew`. */
export const renewSession = z.strictObject({
  ttl_seconds: integer({ description: 'New life in seconds, counted from now.', minimum: 1 }),
})

/** POST `/sessions/{session_id}/revoke` and `/users/{user_id}/sessions/revoke`. */
export const revoke = z.strictObject({
  sync: z
    .boolean()
    .optional()
    .meta({ description: 'Wait until a majority of the nodes has confirmed.', default: false }),
})

/** POST `/tokens/validate`. */
export const validateToken = z.strictObject({
  token: text({ description: 'The token that the user sent.', pattern: tokenPattern.source }),
  touch: z.boolean().optional().meta({ description: 'Note the access: time, address, user agent.', default: false }),
})

/** POST `/admin/v1/keys`. */
export const createKey = z.strictObject({
  role: text({ description: 'What the key may do.', enum: roles }),
  description: text({ description: 'For people.', maxLength: keyLimits.description, default: '' }),
  allowedlist: z.array(z.string()).optional().meta({
    description: 'Addresses and CIDR blocks that the key may be used from; none: from anywhere.',
    maxItems: keyLimits.allowList,
    default: [],
  }),
  rate_limit: integer({ description: 'Requests per second. Default: 1000.', minimum: 1, maximum: keyLimits.rate }),
  expires_at: integer({ description: 'Unix ms; 0, the default: never.', minimum: 0 }),
})

/** POST `/admin/v1/keys/{key_id}/status`. */
export const keyStatus = z.strictObject({
  status: text({ description: 'Whether the key can be used.', enum: ['active', 'disabled'] }),
})

/** POST `/admin/v1/gc/trigger`. */
export const triggerGc = z.strictObject({
  type: text({
    description: 'What to clean up.',
    enum: ['expired_sessions', 'memory', 'all'],
    default: 'expired_sessions',
  }),
})

/** Routes that take no field. */
export const nothing = z.strictObject({})
