/** The JSON envelope around every answer: the contract's section 3.1. */
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { httpStatusOf, type TokMeshError } from '../domain/errors.ts'
import type { AppContext } from './env.ts'
import { isSecure, securityHeaders } from './security-headers.ts'

/** Headers beside the ones that every envelope has. */
export type ExtraHeaders = Readonly<Record<string, string>>

/** An answer with code `OK`. */
export function ok(c: AppContext, data: object, status: 200 | 201 = 200, extra?: ExtraHeaders): Response {
  const requestId = c.get('requestId')
  const body = { code: 'OK', message: 'Success', request_id: requestId, timestamp: Date.now(), data }
  return json(c, body, status, { 'X-Request-ID': requestId, ...extra })
}

/** An answer with the code, the message and the details of `error`. */
export function refuse(c: AppContext, error: TokMeshError, extra?: ExtraHeaders): Response {
  const requestId = c.get('requestId')
  const { code, message, details } = error
  c.set('errorCode', code)
  const body = { code, message, request_id: requestId, timestamp: Date.now(), ...(details && { details }) }
  return json(c, body, httpStatusOf[code], {
    'X-Request-ID': requestId,
    'X-Error-Code': code,
    ...retryAfter(error),
    ...extra,
  })
}

/** When to try again: 1 s after a conflict, and what is left of the pause between two admin operations. */
function retryAfter({ code, details }: TokMeshError): ExtraHeaders {
  if (code === 'TM-SESS-4091') return { 'Retry-After': '1' }
  return code === 'TM-ADMIN-4291' ? { 'Retry-After': String(details?.retry_after_seconds ?? 1) } : {}
}

function json(c: AppContext, body: object, status: ContentfulStatusCode, headers: ExtraHeaders): Response {
  // In the same object as the others: added to a finished answer they cost Node some 10 µs more.
  const common = securityHeaders(isSecure(c))
  return c.body(JSON.stringify(body), status, { 'Content-Type': 'application/json', ...common, ...headers })
}
