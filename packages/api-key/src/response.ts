import type { Context } from 'hono'
import type { Denial, DenialReason } from './denial.ts'

interface Answer {
  readonly status: 401 | 403 | 429 | 503
  readonly title: string
  readonly detail: string
  /** `WWW-Authenticate`, RFC 6750. */
  readonly challenge?: string
}

const realm = 'Bearer realm="api-key"'

// Unknown, expired, disabled and wrong are one answer: which of them it is concerns the operator, not the caller.
const notValid: Answer = {
  status: 401,
  title: 'Unauthorized',
  detail: 'The API key is not valid.',
  challenge: `${realm}, error="invalid_token"`,
}
const unavailable: Answer = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The API key could not be checked. Try again.',
}

const answers: Readonly<Record<DenialReason, Answer>> = {
  missing: { status: 401, title: 'Unauthorized', detail: 'An API key is needed.', challenge: realm },
  malformed: {
    status: 401,
    title: 'Unauthorized',
    detail: 'The API key is not of the form <id>:<secret>.',
    challenge: `${realm}, error="invalid_token"`,
  },
  unknown: notValid,
  disabled: notValid,
  expired: notValid,
  secret: notValid,
  ip: { status: 403, title: 'Forbidden', detail: 'The API key may not be used from this address.' },
  role: {
    status: 403,
    title: 'Forbidden',
    detail: 'The role of the API key may not do this.',
    challenge: `${realm}, error="insufficient_scope"`,
  },
  rate: { status: 429, title: 'Too Many Requests', detail: 'The API key is above its rate.' },
  busy: unavailable,
  store: unavailable,
}

/**
 * Returns the default answer to a denial: 401, 403, 429 or 503 as `application/problem+json` (RFC 9457), with
 * `WWW-Authenticate: Bearer` and `Retry-After` where they belong.
 */
export function denialResponse(c: Context, denial: Denial): Response {
  const { challenge, ...problem } = answers[denial.reason]
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' }
  if (challenge) headers['WWW-Authenticate'] = challenge
  if ('retryAfterMs' in denial) headers['Retry-After'] = String(Math.max(1, Math.ceil(denial.retryAfterMs / 1000)))
  return c.body(JSON.stringify({ type: 'about:blank', ...problem }), problem.status, headers)
}
