import {
  type Catalogue,
  type CounterSeries,
  type Exchange,
  type Fault,
  type HistogramSeries,
  type Instrument,
  knownMethods,
  type LabelSpec,
  type TraceContext,
} from '@honoscope/core'
import { defaultBuckets } from './histogram.ts'
import { checkHttpOptions, type HttpLabels, type HttpOptions, type HttpSeries } from './http-options.ts'
import { open } from './labels.ts'
import { toOpenApi } from './route-style.ts'

/** Powers of 4, from 64 bytes to 16 MiB. */
const sizeBuckets: readonly number[] = Array.from({ length: 10 }, (_, i) => 4 ** (i + 3))

const methodAndRoute: HttpLabels = { method: 'method', route: 'route' }
const withStatus: HttpLabels = { ...methodAndRoute, status_code: 'status' }

/** The series of one method, route and status. */
interface Cell {
  readonly requests: CounterSeries | undefined
  readonly duration: HistogramSeries | undefined
  readonly requestSize: HistogramSeries | undefined
  readonly responseSize: HistogramSeries | undefined
}

/** Makes the instrument that records HTTP requests. `onFault` is told of failures of any instrument. */
export function createHttp(catalogue: Catalogue, options: HttpOptions, onFault: (fault: Fault) => void): Instrument {
  checkHttpOptions(options)
  const makeCell = createCells(catalogue, options)
  const inFlight = createInFlight(catalogue, options)
  const find = createCellCache(makeCell, options.maxRoutes ?? 200)
  for (const { method, route, status } of options.init ?? []) find(method, route, status)
  const { traceContext: traceOf = sampledSpan } = options
  return {
    name: 'http_metrics',
    start() {
      inFlight?.inc(1)
    },
    end(x) {
      inFlight?.dec(1)
      const cell = find(x.method, x.route, x.status)
      const trace = traceOf(x)
      cell.requests?.inc(1, trace)
      cell.duration?.observe(x.durationMs / 1000, trace)
      if (x.requestBytes !== undefined) cell.requestSize?.observe(x.requestBytes, trace)
      if (x.responseBytes !== undefined) cell.responseSize?.observe(x.responseBytes, trace)
    },
    fault: onFault,
  }
}

/** What an exemplar may point to: a span that is not exported leads nowhere. */
const sampledSpan = ({ span }: Exchange): TraceContext | undefined => (span?.sampled ? span : undefined)

type FindCell = (method: string, route: string, status: number) => Cell

/** A cell of one route. */
interface Entry {
  readonly method: string
  readonly status: number
  readonly cell: Cell
}

/**
 * Finds the series of a request once for all metrics: the route in a map, then its method and status in a list, for
 * most routes have but a few. Routes above the limit are resolved anew each time: that folds them into `other` and
 * counts it, and keeps the cache from growing.
 */
function createCellCache(makeCell: (series: HttpSeries) => Cell, maxRoutes: number): FindCell {
  const routes = new Map<string, Entry[]>()

  const make = (method: string, route: string, status: number): Cell => {
    const cell = makeCell({ method, route, status })
    const entries = routes.get(route) ?? []
    // Nobody but the app itself chooses a status; what is none at all is not kept.
    if (isStatus(status)) entries.push({ method, status, cell })
    if (routes.size < maxRoutes) routes.set(route, entries)
    return cell
  }

  return (method, route, status) => {
    const entries = routes.get(route)
    if (entries !== undefined) {
      for (let i = 0; i < entries.length; i++) {
        const entry = entries[i] as Entry
        if (entry.status === status && entry.method === method) return entry.cell
      }
    }
    return make(method, route, status)
  }
}

function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 100 && status <= 599
}

function createCells(catalogue: Catalogue, options: HttpOptions): (series: HttpSeries) => Cell {
  const { names = {}, labels = {}, buckets = {} } = options
  const histogram = (
    name: string | false,
    help: string,
    sources: HttpLabels,
    bounds: readonly number[],
  ): ((values: HttpSeries) => HistogramSeries) | undefined => {
    if (name === false) return undefined
    const metric = catalogue.histogram<LabelSpec>({
      name,
      help,
      labels: specOf(sources, options),
      buckets: bounds,
      init: false,
    })
    return (values) => metric.series(valuesOf(sources, values, options))
  }
  const requests = createRequests(catalogue, options)
  const duration = histogram(
    names.duration ?? 'http_request_duration_seconds',
    'Time from a request until the last byte of its response, in seconds.',
    labels.duration ?? methodAndRoute,
    buckets.duration ?? defaultBuckets,
  )
  const requestSize = histogram(
    names.requestSize ?? 'http_request_size_bytes',
    'Bytes of the request body.',
    labels.requestSize ?? methodAndRoute,
    buckets.requestSize ?? sizeBuckets,
  )
  const responseSize = histogram(
    names.responseSize ?? 'http_response_size_bytes',
    'Bytes of the response body that were sent.',
    labels.responseSize ?? methodAndRoute,
    buckets.responseSize ?? sizeBuckets,
  )
  return (series) => ({
    requests: requests?.(series),
    duration: duration?.(series),
    requestSize: requestSize?.(series),
    responseSize: responseSize?.(series),
  })
}

function createRequests(
  catalogue: Catalogue,
  options: HttpOptions,
): ((values: HttpSeries) => CounterSeries) | undefined {
  const name = options.names?.requests ?? 'http_requests_total'
  if (name === false) return undefined
  const sources = options.labels?.requests ?? withStatus
  const help = 'HTTP requests that have ended.'
  const metric = catalogue.counter<LabelSpec>({ name, help, labels: specOf(sources, options), init: false })
  return (values) => metric.series(valuesOf(sources, values, options))
}

function createInFlight(catalogue: Catalogue, { names }: HttpOptions) {
  const name = names?.inFlight ?? 'http_requests_in_flight'
  return name === false ? undefined : catalogue.gauge({ name, help: 'HTTP requests that have not ended yet.' }).series()
}

/** The labels as the catalogue takes them. */
function specOf(sources: HttpLabels, { otherMethod = '_OTHER', maxRoutes = 200 }: HttpOptions): LabelSpec {
  const kinds = {
    method: [...knownMethods.filter((method) => method !== '_OTHER'), otherMethod],
    route: open(maxRoutes),
    // The 500 statuses that HTTP allows; only those that occur take memory.
    status: open(500),
  }
  return Object.fromEntries(
    Object.entries(sources).map(([label, source]) => [
      label,
      typeof source === 'string' ? kinds[source] : [source.value],
    ]),
  )
}

function valuesOf(
  sources: HttpLabels,
  { method, route, status }: HttpSeries,
  { otherMethod = '_OTHER', routeStyle = 'hono' }: HttpOptions,
): Record<string, string> {
  const values = {
    method: method === '_OTHER' ? otherMethod : method,
    route: routeStyle === 'openapi' ? toOpenApi(route) : route,
    status: isStatus(status) ? String(status) : 'other',
  }
  return Object.fromEntries(
    Object.entries(sources).map(([label, source]) => [
      label,
      typeof source === 'string' ? values[source] : source.value,
    ]),
  )
}
