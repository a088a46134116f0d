import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { prometheusCatalogue } from '../catalogues/index.ts'
import { selectFrom } from '../promql/select.ts'
import { dashboardOf } from './dashboard.ts'
import { checkOptions, namedFor, type PrefixedDashboardOptions } from './options.ts'
import { chosen } from './series.ts'
import { duration, load } from './service-duration.ts'
import { overview, rateAndErrors } from './service-rate.ts'
import { type HttpNames, httpSeries } from './service-series.ts'
import { labelVariable } from './variables.ts'

/** Options of {@link serviceDashboard}. */
export interface ServiceDashboardOptions extends PrefixedDashboardOptions, HttpNames {
  /** Components whose firing alerts are marked. Default: the prefix without its `_`; without a prefix all. */
  readonly components?: readonly string[]
}

/**
 * Returns the dashboard of a service whose requests `metrics.http()` counts: rate, errors and duration, by route.
 *
 * @throws TypeError that names the option.
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises'
 * import { serviceDashboard } from '@honoscope/alerting/dashboards'
 *
 * const dashboard = serviceDashboard({ prefix: 'shop_', runbookUrl: 'https://example.com/runbook' })
 * await writeFile('shop.json', JSON.stringify(dashboard, null, 2))
 * ```
 */
export function serviceDashboard(options: ServiceDashboardOptions = {}): Dashboard {
  checkOptions(options)
  const { prefix = '' } = options
  const http = httpSeries(prefix, options)
  const { route } = http.labels
  const up = selectFrom(prometheusCatalogue)
  const { job } = chosen
  return dashboardOf(
    {
      ...namedFor(prefix, 'honoscope-service', 'Service'),
      description: 'Rate, errors and duration of the requests of a service: is it up, is it right, is it fast?',
      components: options.components ?? [prefix.replace(/_+$/, '') || '.+'],
      variables: [
        labelVariable('Job', http.requests({}), 'job'),
        labelVariable('Instance', http.requests({ job }), 'instance'),
        labelVariable('Route', http.requests({ job }), route),
      ],
      rows: [overview(http, up('up', chosen)), rateAndErrors(http), duration(http), load(http)],
    },
    options,
  )
}
