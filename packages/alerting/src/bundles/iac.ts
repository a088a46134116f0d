import { combineCatalogues } from '../catalogue/combine.ts'
import { prometheusCatalogue } from '../catalogues/external/prometheus.ts'
import { databaseCatalogue } from '../catalogues/generated/database.ts'
import { httpCatalogue } from '../catalogues/generated/http.ts'
import { prefixed } from '../catalogues/prefixed.ts'
import { defineRules } from '../rules/define-rules.ts'
import type { Bundle } from './bundle.ts'
import { poolExhaustion } from './pool.ts'
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
  rules: defineRules(catalogue, ({ metric, group }) => [
    group('iac', [
      poolExhaustion(
        {
          open: metric('iac_db_connections_open'),
          max: metric('iac_db_connections_max'),
          waiting: metric('iac_db_connections_waiting'),
        },
        { title: 'IaC', app: 'iac', component: 'database' },
      ),
    ]),
    ...serviceGroups({ name: 'iac', prefix: 'iac_' }),
  ]),
}
