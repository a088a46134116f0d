/**
 * Shapes of the request bodies: names and types, nothing else. What is required and what values are allowed is
 * asked later, because the contract answers those with other codes (section 4.0, order of errors).
 */
import { z } from 'zod'

// Not `z.number()`: it refuses the infinity that JSON.parse makes of 1e999, a number out of range and not of another type.
const number = z.custom<number>((value) => typeof value === 'number').meta({ type: 'integer' })

// Not `z.record()`: it passes over a key named `__proto__`, value and all.
const texts = z
  .custom<Readonly<Record<string, string>>>(isTextMap)
  .meta({ type: 'object', additionalProperties: { type: 'string' } })

function isTextMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((inner) => typeof inner === 'string')
}

/** POST `/sessions`. */
export const createSession = z.strictObject({
  user_id: z.string().optional(),
  device_id: z.string().optional(),
  ttl_seconds: number.optional(),
  data: texts.optional(),
  token: z.string().optional(),
})

/** POST `/sessions/{session_id}/renew`. */
export const renewSession = z.strictObject({ ttl_seconds: number.optional() })

/** POST `/sessions/{session_id}/revoke` and `/users/{user_id}/sessions/revoke`. */
export const revoke = z.strictObject({ sync: z.boolean().optional() })

/** POST `/tokens/validate`. */
export const validateToken = z.strictObject({ token: z.string().optional(), touch: z.boolean().optional() })

/** POST `/admin/v1/keys`. */
export const createKey = z.strictObject({
  role: z.string().optional(),
  description: z.string().optional(),
  allowedlist: z.array(z.string()).optional(),
  rate_limit: number.optional(),
  expires_at: number.optional(),
})

/** POST `/admin/v1/keys/{key_id}/status`. */
export const keyStatus = z.strictObject({ status: z.string().optional() })

/** Routes that take no field. */
export const nothing = z.strictObject({})
