import { PermanentError, RetryAfterError } from '../notifier.ts'
import { DeliveryError } from './delivery-error.ts'
import { pauseAskedFor } from './retry-after.ts'

/** What of `fetch` is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Options of every notifier that speaks HTTP. */
export interface HttpOptions {
  /** Default: the platform's. `tracing.fetch` makes spans, without the path of the URL. */
  readonly fetch?: Fetch
  /** Unix milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** One request. */
export interface Outgoing {
  readonly method?: 'GET' | 'POST' | 'PATCH'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON text. */
  readonly body?: string
  readonly signal: AbortSignal
}

/** Sends, and resolves to an answer of 2xx, whose body the caller has to read or to {@link discard}. */
export type HttpSender = (outgoing: Outgoing) => Promise<Response>

const REDIRECTS = new Set([301, 302, 307, 308])
/** A renamed repository answers with one redirect; more than a few are a loop. */
const MOST_REDIRECTS = 3

/**
 * Returns what sends requests of one notifier and says by its error what is to become of the message. No error has
 * the URL, a header or the answer's body in it, nor a cause that might: URLs of webhooks are secrets.
 */
export function createHttpSender(who: string, options: HttpOptions): HttpSender {
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  const now = options.now ?? Date.now
  return async (outgoing) => {
    let { url } = outgoing
    for (let redirects = 0; ; redirects++) {
      const response = await ask(who, fetch, url, outgoing)
      if (response.ok) return response
      await discard(response)
      const next = redirects < MOST_REDIRECTS ? sameOrigin(url, response) : undefined
      if (next === undefined) throw errorOf(who, response, now)
      url = next
    }
  }
}

/** Lets go of the connection: what the answer says besides its status is of no use. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {})
}

async function ask(who: string, fetch: Fetch, url: string, outgoing: Outgoing): Promise<Response> {
  const { method = 'POST', headers, body, signal } = outgoing
  const json = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }
  try {
    signal.throwIfAborted()
    return await fetch(url, {
      method,
      headers: { ...json, 'user-agent': 'honoscope', ...headers },
      signal,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    })
  } catch (error) {
    throw new DeliveryError(signal.aborted ? `${who}: gave up waiting` : `${who}: no answer${codeOf(error)}`)
  }
}

/** The same request goes there once more, as GitHub asks for it; another origin would be handed our secrets. */
function sameOrigin(url: string, response: Response): string | undefined {
  const location = response.headers.get('location')
  if (!REDIRECTS.has(response.status) || location === null || !URL.canParse(location, url)) return undefined
  const next = new URL(location, url)
  return next.origin === new URL(url).origin ? next.href : undefined
}

function errorOf(who: string, response: Response, now: () => number): Error {
  const { status } = response
  const text = `${who} answered ${status}`
  const pause = pauseAskedFor(response.headers, now)
  const passes = status >= 500 || status === 408 || status === 425 || status === 429
  // GitHub's limits answer 403: with a time, it is no refusal.
  if (pause !== undefined && (passes || status === 403)) return new RetryAfterError(text, pause)
  return passes ? new DeliveryError(text) : new PermanentError(text)
}

/** ` (ECONNREFUSED)`: runtimes put URLs into the messages of such errors, but not into their codes. */
export function codeOf(error: unknown): string {
  for (const it of [error, (error as { cause?: unknown } | null)?.cause]) {
    const code = (it as { code?: unknown } | null | undefined)?.code
    if (typeof code === 'string' && /^\w{1,40}$/.test(code)) return ` (${code})`
  }
  return ''
}
