import { combineCatalogues } from '../catalogue/combine.ts'
import type { MetricCatalogue } from '../catalogue/description.ts'
import { prometheusCatalogue } from '../catalogues/external/prometheus.ts'
import { httpCatalogue } from '../catalogues/generated/http.ts'
import { prefixed } from '../catalogues/prefixed.ts'
import { sum } from '../promql/aggregate.ts'
import { histogramQuantile, rate } from '../promql/functions.ts'
import { div, gt } from '../promql/operators.ts'
import { matching, selectFrom } from '../promql/select.ts'
import { defineRules } from '../rules/define-rules.ts'
import type { AlertRule, RuleGroup } from '../rules/rule.ts'
import { defineSlo } from '../slo/define-slo.ts'
import { latency } from '../slo/latency.ts'
import { availability } from '../slo/sli.ts'
import type { Bundle } from './bundle.ts'
import { targetAlerts } from './targets.ts'

/** A service that exports the HTTP metrics of `@honoscope/metrics` under their default names. */
export interface ServiceOptions {
  /** In lower case, with `-`: the bundle's name, the label `app` of its alerts, and in CamelCase that of its objectives. */
  readonly name: string
  /** Job of the scrape configuration. Default: the name. */
  readonly job?: string
  /** What the service gave `createMetrics()` as `prefix`. Default: none. */
  readonly prefix?: string
  /** What alerts are routed by. Default: the name. */
  readonly component?: string
  readonly objectives?: ServiceObjectives
}

/** What the service is held to. */
export interface ServiceObjectives {
  /** Part of the answers that are no server error: above 0, below 1. Default: 0.999. */
  readonly availability?: number
  /** Part of the answers that take no longer than `latencySeconds`: above 0, below 1. Default: 0.99. */
  readonly latency?: number
  /**
   * In seconds, an upper bound of the histogram: 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5. Default: 0.5. Another
   * one throws a `TypeError`, the last one, 10, too: a quantile is never above it.
   */
  readonly latencySeconds?: number
}

/**
 * Returns alerts for a service with `@honoscope/metrics`: errors, latency, targets that are down, and objectives for
 * availability and latency.
 *
 * @throws TypeError for a name, a prefix or an objective that can't be.
 * @example
 * ```ts
 * import { toPrometheus } from '@honoscope/alerting'
 * import { service } from '@honoscope/alerting/bundles'
 *
 * const shop = service({ name: 'shop', prefix: 'shop_', objectives: { availability: 0.9995, latencySeconds: 0.25 } })
 * const file = toPrometheus(shop.rules)
 * ```
 */
export function service(options: ServiceOptions): Bundle {
  const { name, prefix = '', objectives } = options
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new TypeError(`service: name ${JSON.stringify(name)} is not in lower case, of letters, digits and -`)
  }
  if (!/^([a-zA-Z_][a-zA-Z0-9_]*)?$/.test(prefix)) {
    throw new TypeError(`service: prefix ${JSON.stringify(prefix)} is not one that a metric's name may have`)
  }
  const last = httpCatalogue.http_request_duration_seconds.buckets.at(-1)
  if (objectives?.latencySeconds === last) {
    throw new TypeError(`service: latencySeconds ${last} is the last bound of the histogram; no alert could fire`)
  }
  const catalogue: MetricCatalogue = combineCatalogues(prefixed(prefix, httpCatalogue), prometheusCatalogue)
  return {
    name,
    description: `${name}: errors, latency, targets and objectives.`,
    catalogue,
    rules: defineRules(catalogue, () => serviceGroups(options)),
  }
}

/** Returns the groups of {@link service}, for bundles that add their own. */
export function serviceGroups(options: ServiceOptions): readonly RuleGroup[] {
  const { name, job = name, component = name } = options
  const withoutAny = `Whoever calls ${name} gets no answer.`
  return [
    { name: `${name}-targets`, rules: targetAlerts({ job, app: name, component, withoutAny }) },
    { name: `${name}-requests`, rules: requestAlerts(options) },
    ...objectiveGroups(options),
  ]
}

function requestAlerts(options: ServiceOptions): readonly AlertRule[] {
  const { name, component = name, objectives: { latencySeconds = 0.5 } = {} } = options
  const { requests, failures, buckets } = seriesOf(options)
  const common = { kind: 'alert', for: '5m', severity: 'warning', component, labels: { app: name } } as const
  return [
    {
      ...common,
      name: 'HighErrorRate',
      expr: gt(div(sum(rate(failures, '5m')), sum(rate(requests, '5m'))), 0.05),
      summary: `${name}: many requests fail`,
      description: `{{ $value | humanizePercentage }} of the requests to ${name} are answered with a server error.`,
    },
    {
      ...common,
      name: 'HighRequestLatency',
      expr: gt(histogramQuantile(0.95, sum(rate(buckets, '5m'), { by: ['le'] })), latencySeconds),
      summary: `${name}: answers are slow`,
      description: `One request to ${name} of 20 takes longer than {{ $value | humanizeDuration }}.`,
    },
  ]
}

function objectiveGroups(options: ServiceOptions): readonly RuleGroup[] {
  const { name, job = name, prefix = '', component = name, objectives: wanted = {} } = options
  const { requests, failures } = seriesOf(options)
  const title = name.replace(/(^|-)([a-z0-9])/g, (_, __, first: string) => first.toUpperCase())
  const common = { component, labels: { app: name } }
  return [
    defineSlo({
      ...common,
      name: `${title}Availability`,
      objective: wanted.availability ?? 0.999,
      runbook: 'ServiceAvailability',
      sli: availability({ bad: failures, total: requests, badEvents: 'were answered with a server error' }),
    }).group,
    defineSlo({
      ...common,
      name: `${title}Latency`,
      objective: wanted.latency ?? 0.99,
      runbook: 'ServiceLatency',
      sli: latency<MetricCatalogue, string>(prefixed(prefix, httpCatalogue), {
        histogram: `${prefix}http_request_duration_seconds`,
        threshold: wanted.latencySeconds ?? 0.5,
        where: { job },
      }),
    }).group,
  ]
}

/** The names depend on the prefix, which no type knows: they are checked when the rules are made. */
function seriesOf({ name, job = name, prefix = '' }: ServiceOptions) {
  const metric = selectFrom<MetricCatalogue>(prefixed(prefix, httpCatalogue))
  return {
    requests: metric(`${prefix}http_requests_total`, { job }),
    failures: metric(`${prefix}http_requests_total`, { job, status_code: matching('5..') }),
    buckets: metric(`${prefix}http_request_duration_seconds_bucket`, { job }),
  }
}
