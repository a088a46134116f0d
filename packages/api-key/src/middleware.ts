import type { Context, MiddlewareHandler } from 'hono'
import type { ApiKeys } from './api-keys.ts'
import type { AccessRules } from './checks.ts'
import type { Denial, VerifiedKey } from './denial.ts'
import { denialResponse } from './response.ts'

/** What {@link apiKey} sets on the context: `c.get('apiKey')`. */
export interface ApiKeyVariables<Role extends string = string, Optional extends boolean = false> {
  apiKey: Optional extends true ? VerifiedKey<Role> | undefined : VerifiedKey<Role>
}

/** @see apiKey */
export interface ApiKeyOptions<Role extends string, Allowed extends Role, Optional extends boolean>
  extends AccessRules<Allowed> {
  readonly keys: ApiKeys<Role>
  /** Let a request without any credential pass, without a key. A credential that is there must be right. Default: false. */
  readonly optional?: Optional
  /** Answers a refused request; what it throws goes to the app's `onError`. Default: {@link denialResponse}. */
  readonly onDenied?: (c: Context, denial: Denial) => Response | Promise<Response>
}

/**
 * Returns middleware that lets a request pass when its key is good for it, and sets `c.get('apiKey')`. Put it once
 * before a handler: each one verifies anew and takes a token of the rate. Throws a `TypeError` when `roles` is empty
 * or has one that `keys` doesn't know.
 *
 * @example
 * app.get('/report', apiKey({ keys, roles: ['reader', 'admin'] }), (c) => c.text(`for ${c.get('apiKey').id}`))
 */
export function apiKey<Role extends string, const Allowed extends Role = Role, const Optional extends boolean = false>(
  options: ApiKeyOptions<Role, Allowed, Optional>,
): MiddlewareHandler<{ Variables: ApiKeyVariables<Allowed, Optional> }> {
  const { keys, optional = false, onDenied = denialResponse, chargeRate, staleOnStoreError } = options
  const roles: readonly Role[] = options.roles ?? keys.roles
  const strange = roles.find((role) => !keys.roles.includes(role))
  if (roles.length === 0 || strange !== undefined) throw new TypeError(`roles: ${strange ?? 'none'} of the keys' roles`)
  const rules = { roles, chargeRate, staleOnStoreError, optional }

  return async (c, next) => {
    const { headers } = c.req.raw
    const authorization = headers.get('authorization') ?? undefined
    const presented = { authorization, apiKey: headers.get('x-api-key') ?? undefined }
    const verdict = await keys.authenticate(presented, keys.clientAddress(c), rules)
    if (verdict.ok) c.set('apiKey', verdict.key as VerifiedKey<Allowed>)
    else if (!optional || verdict.denial.reason !== 'missing') return onDenied(c, verdict.denial)
    return next()
  }
}
