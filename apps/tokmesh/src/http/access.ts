/** API keys at the door: the contract's sections 4.0 (E-AUTH, E-ROLE, E-RATE) and 6.4. */
import { type ApiKeyOptions, type ApiKeys, apiKey, type Denial } from '@honoscope/api-key'
import type { Context, MiddlewareHandler } from 'hono'
import { TokMeshError } from '../domain/errors.ts'
import type { Role } from '../routes/deps.ts'
import type { AppContext, AppEnv } from './env.ts'
import { type ExtraHeaders, refuse } from './envelope.ts'

/** What a guard asks for. */
export interface GuardRules extends Pick<ApiKeyOptions<Role, Role, false>, 'chargeRate' | 'staleOnStoreError'> {
  readonly roles: readonly Role[]
}

/** Returns middleware that lets requests pass whose key is good for one of `rules.roles`. */
export function guard(keys: ApiKeys<Role>, rules: GuardRules): MiddlewareHandler<AppEnv> {
  const onDenied = (context: Context, denial: Denial) => {
    const c = context as AppContext
    if ('keyId' in denial) {
      // Now: some runtimes have forgotten the peer by the end of the request.
      c.set('refused', { reason: denial.reason, keyId: denial.keyId, address: keys.clientAddress(context) })
    }
    return refuse(c, refusalOf(denial, c.req.path), headersOf(denial))
  }
  const check: MiddlewareHandler = apiKey({ keys, ...rules, onDenied })
  return check
}

/** Whether the path is one of the admin routes', known or not. */
export function isAdminPath(path: string): boolean {
  return path === '/admin/v1' || path.startsWith('/admin/v1/')
}

function refusalOf(denial: Denial, path: string): TokMeshError {
  const admin = isAdminPath(path)
  switch (denial.reason) {
    case 'missing':
      return new TokMeshError('TM-AUTH-4010', 'An API key is needed')
    case 'malformed':
      return new TokMeshError('TM-AUTH-4010', 'The credential is not of the form <key_id>:<key_secret>')
    case 'unknown':
    case 'secret':
    case 'expired':
      return new TokMeshError('TM-AUTH-4011', 'The API key is unknown or expired, or its secret is wrong')
    case 'disabled':
      return new TokMeshError('TM-AUTH-4012', 'The API key is disabled', { details: { key_id: denial.keyId } })
    case 'ip':
      return new TokMeshError(admin ? 'TM-ADMIN-4031' : 'TM-AUTH-4031', 'The API key may not be used from here', {
        details: { key_id: denial.keyId },
      })
    case 'role':
      return new TokMeshError(admin ? 'TM-ADMIN-4030' : 'TM-AUTH-4030', 'The role of the API key may not do this', {
        details: { key_id: denial.keyId, required_role: denial.requiredRoles },
      })
    case 'rate':
      return new TokMeshError('TM-SYS-4290', 'The API key is above its request rate', {
        details: { key_id: denial.keyId, limit: denial.limit },
      })
    case 'busy':
      return new TokMeshError('TM-SYS-5030', 'Too many API keys wait to be checked')
    case 'store':
      if (denial.cause instanceof TokMeshError) return denial.cause
      return new TokMeshError('TM-SYS-5030', 'The API key could not be checked', { cause: denial.cause })
  }
}

function headersOf(denial: Denial): ExtraHeaders {
  switch (denial.reason) {
    case 'rate':
      return {
        'Retry-After': String(Math.max(1, Math.ceil(denial.retryAfterMs / 1000))),
        'X-RateLimit-Limit': String(denial.limit),
        'X-RateLimit-Remaining': '0',
        'X-RateLimit-Reset': String(Math.ceil(denial.resetAt / 1000)),
      }
    case 'missing':
    case 'malformed':
    case 'unknown':
    case 'secret':
    case 'expired':
    case 'disabled':
      return { 'WWW-Authenticate': 'Bearer realm="tokmesh"' }
    default:
      return {}
  }
}
