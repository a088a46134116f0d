import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { databaseCatalogue, postgresCatalogue } from '../catalogues/index.ts'
import { matching, selectFrom } from '../promql/select.ts'
import { dashboardOf } from './dashboard.ts'
import { pool, queries, queryErrors } from './database-client.ts'
import { server } from './database-server.ts'
import { checkOptions, namedFor, type PrefixedDashboardOptions } from './options.ts'
import { chosen, selectPrefixed } from './series.ts'
import { labelVariable } from './variables.ts'

/**
 * Returns the dashboard of a service's database: its queries and pool as the service sees them, and PostgreSQL as
 * postgres_exporter does.
 *
 * @throws TypeError that names the option.
 * @example
 * ```ts
 * import { databaseDashboard } from '@honoscope/alerting/dashboards'
 *
 * const dashboard = databaseDashboard({ prefix: 'shop_' })
 * ```
 */
export function databaseDashboard(options: PrefixedDashboardOptions = {}): Dashboard {
  checkOptions(options)
  const { prefix = '' } = options
  const series = selectPrefixed(prefix, databaseCatalogue)
  const { job } = chosen
  return dashboardOf(
    {
      ...namedFor(prefix, 'honoscope-database', 'Database'),
      description: 'Queries, errors and connections of a database: is it slow, does it refuse, is it full?',
      components: ['database', 'postgres'],
      variables: [
        labelVariable('Job', series('db_connections_max'), 'job'),
        labelVariable('Instance', series('db_connections_max', { job }), 'instance'),
        labelVariable('Table', series('db_queries_total', { job }), 'table'),
        labelVariable('Database', selectFrom(postgresCatalogue)('pg_stat_database_numbackends'), 'datname'),
      ],
      rows: [
        queries(series, { ...chosen, table: matching('$table') }),
        queryErrors(series, chosen),
        pool(series, chosen),
        server,
      ],
    },
    options,
  )
}
