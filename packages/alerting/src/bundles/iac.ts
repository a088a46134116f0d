import { combineCatalogues } from '../catalogue/combine.ts'
import { prometheusCatalogue } from '../catalogues/external/prometheus.ts'
import { databaseCatalogue } from '../catalogues/generated/database.ts'
import { httpCatalogue } from '../catalogues/generated/http.ts'
import { prefixed } from '../catalogues/prefixed.ts'
import { and, gt, times } from '../promql/operators.ts'
import { defineRules } from '../rules/define-rules.ts'
import type { Bundle } from './bundle.ts'
import { serviceGroups } from './service.ts'

const catalogue = combineCatalogues(
  prefixed('iac_', databaseCatalogue),
  prefixed('iac_', httpCatalogue),
  prometheusCatalogue,
)

/** The IaC platform: its connections and its API. */
export const iac: Bundle = {
  name: 'iac',
  description: 'The IaC platform: database connections, and the objectives of its API.',
  catalogue,
  rules: defineRules(catalogue, ({ metric, alert, group }) => [
    group('iac', [
      alert('DatabaseConnectionPoolExhaustion', {
        // A pool keeps connections open that nobody uses: only with somebody waiting are the open ones in use.
        expr: and(
          gt(metric('iac_db_connections_open'), times(0.9, metric('iac_db_connections_max'))),
          gt(metric('iac_db_connections_waiting'), 0),
        ),
        for: '1m',
        severity: 'warning',
        component: 'database',
        summary: 'IaC: {{ $labels.instance }} runs out of database connections',
        description:
          '{{ $value | humanize }} connections are open, more than 90 % of what the pool may open, and requests wait ' +
          'for one.',
        labels: { app: 'iac' },
      }),
    ]),
    ...serviceGroups({ name: 'iac', prefix: 'iac_' }),
  ]),
}
