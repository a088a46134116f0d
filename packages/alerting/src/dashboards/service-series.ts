import type { MetricCatalogue, MetricDescription } from '../catalogue/description.ts'
import { httpCatalogue } from '../catalogues/index.ts'
import type { Selector } from '../promql/expression.ts'
import { type Matcher, selectFrom } from '../promql/select.ts'
import { checkName } from './options.ts'

/** What `metrics.http()` was told of names and labels. What is no name throws a `TypeError`. */
export interface HttpNames {
  /**
   * Names without the prefix, as in `metrics.http({ names })`; `false` for what the service doesn't have. Without
   * `requests` the duration's own count is used, which then needs the label of the status.
   */
  readonly names?: Readonly<Partial<Record<keyof typeof defaultNames, string | false>>>
  /** Names of the labels. Default: `method`, `route` and `status_code`. */
  readonly labels?: Readonly<Partial<Record<keyof typeof defaultLabels, string>>>
}

const defaultNames = {
  requests: 'http_requests_total',
  duration: 'http_request_duration_seconds',
  inFlight: 'http_requests_in_flight',
  requestSize: 'http_request_size_bytes',
  responseSize: 'http_response_size_bytes',
} as const
const defaultLabels = { method: 'method', route: 'route', status: 'status_code' } as const

/** The series of a service, by what they mean; `undefined` is what the service doesn't have. */
export interface HttpSeriesSet {
  readonly labels: Readonly<Record<keyof typeof defaultLabels, string>>
  readonly catalogue: MetricCatalogue
  requests(where: Where): Selector
  durationBuckets(where: Where): Selector
  inFlight(where: Where): Selector | undefined
  requestBuckets(where: Where): Selector | undefined
  responseBytes(where: Where): Selector | undefined
}

type Where = Readonly<Record<string, Matcher>>

/** Returns what selects the series of a service with this prefix, by the names that it uses. */
export function httpSeries(prefix: string, { names = {}, labels = {} }: HttpNames): HttpSeriesSet {
  const named = { ...defaultNames, ...names }
  const labelled = { ...defaultLabels, ...labels }
  if (named.duration === false) throw new TypeError('serviceDashboard: names.duration can not be false')
  for (const [metric, name] of Object.entries(named)) if (name !== false) checkName(`names.${metric}`, name)
  for (const [label, name] of Object.entries(labelled)) checkName(`labels.${label}`, name)
  const nameOf = (metric: keyof typeof defaultNames, suffix = '') =>
    named[metric] === false ? undefined : `${prefix}${named[metric]}${suffix}`
  const catalogue = renamed(prefix, named, labelled)
  const select = selectFrom(catalogue)
  const optional = (name: string | undefined) => (where: Where) =>
    name === undefined ? undefined : select(name, where)
  const requests = nameOf('requests') ?? `${prefix}${named.duration}_count`
  return {
    labels: labelled,
    catalogue,
    requests: (where) => select(requests, where),
    durationBuckets: (where) => select(`${prefix}${named.duration}_bucket`, where),
    inFlight: optional(nameOf('inFlight')),
    requestBuckets: optional(nameOf('requestSize', '_bucket')),
    responseBytes: optional(nameOf('responseSize', '_sum')),
  }
}

/** The catalogue of HTTP metrics under the service's names. */
function renamed(
  prefix: string,
  names: Readonly<Record<keyof typeof defaultNames, string | false>>,
  labels: Readonly<Record<keyof typeof defaultLabels, string>>,
): MetricCatalogue {
  const all: Record<string, MetricDescription> = {}
  for (const [metric, name] of Object.entries(names)) {
    if (name === false) continue
    const { labels: own, ...rest } = httpCatalogue[defaultNames[metric as keyof typeof defaultNames]]
    const method = 'method' in own ? { [labels.method]: own.method, [labels.route]: 'open' as const } : {}
    const counted = metric === 'requests' || (metric === 'duration' && names.requests === false)
    all[`${prefix}${name}`] = { ...rest, labels: { ...method, ...(counted && { [labels.status]: 'open' as const }) } }
  }
  return all
}
