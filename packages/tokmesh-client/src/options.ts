/** What a client is made with, and what each call can be given. */

/** An end user on whose behalf a service calls. */
export interface EndUser {
  /** Their IP address, sent as `X-Forwarded-For`: TokMesh takes it from peers in `security.network.trusted_proxies`. */
  readonly ip?: string | undefined
  /** Their `User-Agent`; characters that no header can carry become `?`. Browsers don't let scripts set it. */
  readonly userAgent?: string | undefined
}

/** Options of one call. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. What was asked for may have happened. */
  readonly signal?: AbortSignal | undefined
  /** As the client's option, for this call. */
  readonly timeoutMs?: number | undefined
  /** The end user that the session belongs to: TokMesh notes their address and agent on create and on touch. */
  readonly client?: EndUser | undefined
  /** W3C `traceparent`. Default: what the client's option returns. A malformed one is not sent. */
  readonly traceparent?: string | undefined
  /** W3C `tracestate`. Default: what the client's option returns. */
  readonly tracestate?: string | undefined
  /** `X-Request-ID` by which the call is found in TokMesh's log: 1–128 of `A-Za-z0-9._-`. Default: TokMesh makes one. */
  readonly requestId?: string | undefined
  /**
   * Whether the call may be carried out twice, and so be repeated where nobody knows whether the first was.
   * Default: what the contract says of the operation.
   */
  readonly mayRepeat?: boolean | undefined
}

/** Options of `createTokMeshClient`. */
export interface TokMeshClientOptions {
  /**
   * Address of a node or of the balancer before several, `https://tokmesh.internal`; a path in it is kept. It can hold
   * no credentials, query or fragment.
   */
  readonly url: string
  /** API key, `tmak-…:tmas_…`, or what returns one: it is asked before each attempt. */
  readonly key: string | (() => string | Promise<string>)
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** For a whole call, with its pauses and repetitions. Milliseconds, above 0. Default: 5000. */
  readonly timeoutMs?: number | undefined
  /** For one attempt, so that a hanging one leaves time for another. Milliseconds, above 0. Default: `timeoutMs`. */
  readonly attemptTimeoutMs?: number | undefined
  /** Repetitions after the first attempt, 0–10. Default: 3. The contract's limits of 3 hold all the same. */
  readonly retries?: number | undefined
  /** Longest wait that a `Retry-After` can impose; above it the call rejects at once. Milliseconds. Default: 5000. */
  readonly maxRetryAfterMs?: number | undefined
  /** Whether writes carry `X-Timestamp` and a nonce, new ones for each attempt. Default: false. Needs a good clock. */
  readonly antiReplay?: boolean | undefined
  /** Headers of every request, read once. Those that the client sets itself win. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** `User-Agent` of calls without an end user. Default: `tokmesh-client`. */
  readonly userAgent?: string | undefined
  /** Asked once for each attempt. What it throws is passed over. Default: none. */
  readonly traceparent?: (() => string | undefined) | undefined
  /** Asked beside `traceparent`, and sent only with it. Default: none. */
  readonly tracestate?: (() => string | undefined) | undefined
  /** Unix ms. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
  /** From 0 to 1, for the spread of pauses. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Waits between attempts; rejects with the signal's reason when it is aborted. Default: by `setTimeout`. */
  readonly pause?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
}

/** The options with their defaults. */
export interface Settings extends Omit<TokMeshClientOptions, 'headers'> {
  /** As `URL` writes it. */
  readonly url: string
  readonly headers: Headers
  readonly fetch: typeof globalThis.fetch
  readonly timeoutMs: number
  readonly retries: number
  readonly maxRetryAfterMs: number
  readonly now: () => number
  readonly random: () => number
}

/** Returns the options with their defaults. Throws a `TypeError` that names the option that is wrong. */
export function settingsOf(options: TokMeshClientOptions): Settings {
  const { key, timeoutMs = 5000, attemptTimeoutMs, retries = 3, maxRetryAfterMs = 5000 } = options
  const [url, headers] = [addressOf(options.url), checkHeaders(options.headers)]
  if (typeof key !== 'function') checkKey(key)
  checkMs(timeoutMs, 'timeoutMs')
  if (attemptTimeoutMs !== undefined) checkMs(attemptTimeoutMs, 'attemptTimeoutMs')
  expect(Number.isInteger(retries) && retries >= 0 && retries <= 10, 'retries has to be a whole number from 0 to 10')
  expect(maxRetryAfterMs >= 0, 'maxRetryAfterMs has to be 0 or more')
  // Called without an object: browsers refuse a `fetch` with another `this`.
  const { fetch = (input, init) => globalThis.fetch(input, init), now = Date.now, random = Math.random } = options
  return { ...options, url, headers, timeoutMs, retries, maxRetryAfterMs, fetch, now, random }
}

/** The address as `URL` writes it. Paths are put behind it, so it can hold nothing that comes behind a path. */
function addressOf(text: string): string {
  expect(URL.canParse(text), 'url has to be an address with http or https')
  const { protocol, username, password, href } = new URL(text)
  expect(/^https?:$/.test(protocol), 'url has to be an address with http or https')
  const isPlain = username === '' && password === ''
  expect(isPlain, 'url can not hold a user name or password: the key is an option of its own')
  expect(!/[?#]/.test(href), 'url can not hold a query or a fragment: paths are put behind it')
  return href
}

/** The headers, checked: the platform's own error at the first call would show the value, which may be a credential. */
function checkHeaders(headers: TokMeshClientOptions['headers']): Headers {
  try {
    return new Headers(headers)
  } catch {
    throw new TypeError('createTokMeshClient: headers has a name or a value that no request can carry')
  }
}

/** Returns the key. Throws a `TypeError`, without showing it, when it is malformed: `fetch` would show it. */
export function checkKey(key: string): string {
  expect(/^tmak-[0-9a-z]{26}:tmas_[0-9A-Za-z]{40,48}$/i.test(key), 'key has to be <key_id>:<key_secret>, tmak-…:tmas_…')
  return key
}

/** Throws a `TypeError` for what no timer can wait; `of` is the function whose option it is. */
export function checkMs(ms: number, name: string, of?: string): void {
  expect(ms > 0 && ms < 2 ** 31, `${name} has to be above 0 and below 2147483648 milliseconds`, of)
}

function expect(holds: boolean, sentence: string, of = 'createTokMeshClient'): asserts holds {
  if (!holds) throw new TypeError(`${of}: ${sentence}`)
}
