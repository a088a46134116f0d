import type { Exchange, TraceContext } from '@honoscope/core'

/** Where the value of an HTTP label comes from; `{ value }` is the same for every request. */
export type HttpLabel = 'method' | 'route' | 'status' | { readonly value: string }

/** Label names, each with its source, in the order in which they are written. */
export type HttpLabels = Readonly<Record<string, HttpLabel>>

/** The metrics of the HTTP instrument that are recorded when a request ends. */
export type HttpMetric = 'requests' | 'duration' | 'requestSize' | 'responseSize'

/** One combination that is to be there before the first request. */
export interface HttpSeries {
  /** As sent: `GET`. */
  readonly method: string
  /** Template in Hono's form: `/users/:id`. */
  readonly route: string
  readonly status: number
}

/** Options of `metrics.http()`. */
export interface HttpOptions {
  /**
   * Names without the catalogue's prefix; `false` leaves the metric out.
   * Default: `http_requests_total`, `http_request_duration_seconds`, `http_requests_in_flight`,
   * `http_request_size_bytes`, `http_response_size_bytes`. A bad name throws a `TypeError`.
   */
  readonly names?: Readonly<Partial<Record<HttpMetric | 'inFlight', string | false>>>
  /**
   * Labels of each metric. Default: `method`, `route` and `status_code` for the requests, `method` and `route` for the
   * histograms. A bad name throws a `TypeError`.
   */
  readonly labels?: Readonly<Partial<Record<HttpMetric, HttpLabels>>>
  /**
   * Upper bounds in seconds and bytes. Default: 5 ms to 10 s; powers of 4 from 64 bytes to 16 MiB.
   * Bad bounds throw a `TypeError`.
   */
  readonly buckets?: Readonly<Partial<Record<Exclude<HttpMetric, 'requests'>, readonly number[]>>>
  /** `hono`: `/users/:id`. `openapi`: `/users/{id}`. Default: `hono`. */
  readonly routeStyle?: 'hono' | 'openapi'
  /** Most routes that are told apart; later ones become `other`. Default: 200. */
  readonly maxRoutes?: number
  /** Label value of the methods that are not known. Default: `_OTHER`, as in OpenTelemetry's conventions. */
  readonly otherMethod?: string
  /** Series that exist at 0 before the first request. Default: none. */
  readonly init?: readonly HttpSeries[]
  /**
   * Span of an exchange, for exemplars. Called when it has ended. Default: its own `span` if that is sampled, else what the
   * catalogue's `traceContext` finds.
   */
  readonly traceContext?: (exchange: Exchange) => TraceContext | undefined
}

const recorded: readonly string[] = ['requests', 'duration', 'requestSize', 'responseSize']

/**
 * Refuses what no metric would complain of later.
 *
 * @throws TypeError that names the option.
 */
export function checkHttpOptions({ names, labels, buckets, routeStyle = 'hono', maxRoutes = 200 }: HttpOptions): void {
  const fail = (reason: string): never => {
    throw new TypeError(`metrics.http: ${reason}`)
  }
  if (!Number.isInteger(maxRoutes) || maxRoutes < 1) fail(`maxRoutes must be a whole number above 0, not ${maxRoutes}`)
  if (routeStyle !== 'hono' && routeStyle !== 'openapi') fail('routeStyle must be "hono" or "openapi"')
  const known = { names: [...recorded, 'inFlight'], labels: recorded, buckets: recorded.slice(1) }
  for (const [option, given] of Object.entries({ names, labels, buckets })) {
    const unknown = Object.keys(given ?? {}).find((metric) => !known[option as keyof typeof known].includes(metric))
    if (unknown !== undefined) fail(`${option} of ${unknown}: there is no such metric`)
  }
  for (const [metric, sources] of Object.entries(labels ?? {})) {
    for (const [label, source] of Object.entries(sources)) {
      const isConstant = typeof source === 'object' && typeof source.value === 'string'
      if (isConstant || source === 'method' || source === 'route' || source === 'status') continue
      fail(`label ${label} of ${metric} must come from "method", "route", "status" or { value }`)
    }
  }
}
