import { HealthError } from './error.ts'
import type { CheckResult, Details } from './report.ts'

/** A result that has no duration yet. */
export type Outcome = Omit<CheckResult, 'latencyMs'>

/** Fields that the plain dialect writes itself. */
const reserved: ReadonlySet<string> = new Set(['status', 'latency_ms', 'message'])

/**
 * Codes that say what kind of fault it is and can't hold anything else: errno and Node's own, SQLSTATE,
 * postgres.js's `CONNECT_TIMEOUT` and `CONNECTION_CLOSED`, Bun's `ConnectionRefused` and `FailedToOpenSocket`.
 */
const harmlessCode =
  /^(?:E[A-Z0-9]{2,15}|ERR_[A-Z0-9_]{1,40}|[0-9A-Z]{5}|CONNECT[A-Z_]{1,24}|Connection[A-Z][a-z]{2,15}|FailedToOpenSocket)$/

/** How far down the causes a code is looked for: drivers, ORMs and `fetch` each wrap once. */
const causeDepth = 4

/** Returns what a check's returned value means. */
export function fromValue(value: unknown): Outcome {
  if (value === false) return { status: 'fail', message: 'failed' }
  if (value instanceof Response) return fromResponse(value)
  if (!isPlainObject(value)) return { status: 'pass' }
  const details = scalars(value)
  return {
    status: 'pass',
    ...(typeof value.message === 'string' ? { message: value.message } : {}),
    ...(Object.keys(details).length > 0 ? { details } : {}),
  }
}

/** Returns what a thrown value means: the words of a {@link HealthError}, else a fixed text with a code at most. */
export function fromError(error: unknown): Outcome {
  if (error instanceof HealthError) {
    const details = scalars(error.details)
    return { status: 'fail', message: error.message, ...(Object.keys(details).length > 0 ? { details } : {}) }
  }
  const code = codeOf(error, causeDepth)
  return { status: 'fail', message: code === undefined ? 'failed' : `failed: ${code}` }
}

// `fetch` resolves for a 500 too; a check that returns its Response means the status.
function fromResponse(response: Response): Outcome {
  // An unread body would hold its connection until it is collected.
  response.body?.cancel().catch(() => {})
  return response.ok ? { status: 'pass' } : { status: 'fail', message: `answered ${response.status}` }
}

function codeOf(error: unknown, depth: number): string | undefined {
  if (depth === 0 || typeof error !== 'object' || error === null) return undefined
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  if (typeof code === 'string' && harmlessCode.test(code)) return code
  return codeOf(cause, depth - 1)
}

// Rows and driver results are lists and class instances: only an object literal is taken as the check's own words.
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function scalars(fields: Readonly<Record<string, unknown>>): Details {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string | number | boolean | null] => {
      const [name, value] = entry
      return !reserved.has(name) && (value === null || ['string', 'number', 'boolean'].includes(typeof value))
    }),
  )
}
