/** What `tracing.http()` takes. */
export interface HttpTracingOptions {
  /**
   * Networks of proxies whose `Forwarded`, `X-Forwarded-For`, `X-Real-IP` and `X-Forwarded-Proto` are believed, as
   * addresses or CIDR blocks. A malformed one throws. Default: none, the client is who the connection is with.
   */
  readonly trustedProxies?: readonly string[]
  /** Whether `client.address` is recorded. Default: true. */
  readonly clientAddress?: boolean
  /** Whether `user_agent.original` is recorded: it holds what the caller likes. Default: true. */
  readonly userAgent?: boolean
  /**
   * What `url.path` holds: the route's template, or the path as it was sent, with the ids and tokens that are in it.
   * Default: `template`; a request without a route has no `url.path` then.
   */
  readonly path?: 'template' | 'full'
  /** Query parameters whose values are recorded; the others' are `REDACTED`. Default: none. */
  readonly queryParameters?: readonly string[]
  /** Request headers to record, in any case, as `http.request.header.<name>`. They may hold secrets. Default: none. */
  readonly requestHeaders?: readonly string[]
  /** Response headers to record, as `http.response.header.<name>`. Default: none. */
  readonly responseHeaders?: readonly string[]
  /** Name of the response header with the trace id, left alone where the app sets it; `false` for none. Default: `X-Trace-Id`. */
  readonly traceIdHeader?: string | false
  /**
   * Which responses have that header: `recorded`, those whose id leads to a trace; or `every`, for services whose log
   * lines carry the id too. It is a large part of what a request costs that is not recorded. Default: `recorded`.
   */
  readonly traceIdOn?: 'recorded' | 'every'
  /** Adds `Server-Timing` with the `traceparent` and the totals of the request's work, e.g. queries. Default: false. */
  readonly serverTiming?: boolean
}

const isHeaderName = (name: unknown): boolean => typeof name === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)

/** Throws a `TypeError` that names the option. */
export function checkHttpOptions(options: HttpTracingOptions): void {
  const { path, traceIdHeader, requestHeaders = [], responseHeaders = [], queryParameters = [] } = options
  oneOf('path', path, ['template', 'full'])
  oneOf('traceIdOn', options.traceIdOn, ['recorded', 'every'])
  for (const [option, names] of Object.entries({ requestHeaders, responseHeaders })) {
    if (!Array.isArray(names) || !names.every(isHeaderName)) fail(option, 'must be a list of header names')
  }
  if (!Array.isArray(queryParameters) || !queryParameters.every((name) => typeof name === 'string')) {
    fail('queryParameters', 'must be a list of names')
  }
  if (traceIdHeader !== undefined && traceIdHeader !== false && !isHeaderName(traceIdHeader)) {
    fail('traceIdHeader', 'must be the name of a header or false')
  }
  for (const option of ['clientAddress', 'userAgent', 'serverTiming'] as const) {
    if (options[option] !== undefined && typeof options[option] !== 'boolean') fail(option, 'must be true or false')
  }
}

function oneOf(option: string, value: unknown, values: readonly string[]): void {
  if (value !== undefined && !values.includes(value as string)) fail(option, `must be one of ${values.join(', ')}`)
}

function fail(option: string, sentence: string): never {
  throw new TypeError(`tracing.http(): "${option}" ${sentence}`)
}
