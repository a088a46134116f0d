/** Answers to what never became a request of the app. */
import { httpStatusOf } from '../domain/errors.ts'
import { newRequestId } from '../domain/ids.ts'
import type { Refusal } from '../listener.ts'
import { securityHeaders } from './security-headers.ts'

/** The envelope for what the runtime's parser took and the app can't take, or for what the parser refused. */
export function refuseUnread({ code, message, secure }: Refusal): Response {
  const request_id = newRequestId()
  const body = { code, message, request_id, timestamp: Date.now() }
  const ids = { 'X-Request-ID': request_id, 'X-Error-Code': code }
  // Nobody has looked at the path: these are the methods of all routes together.
  const allow = code === 'TM-SYS-4050' && { Allow: 'GET, HEAD, POST' }
  const headers = { 'Content-Type': 'application/json', ...securityHeaders(secure), ...ids, ...allow }
  return new Response(JSON.stringify(body), { status: httpStatusOf[code], headers })
}
