import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { tokmeshCatalogue } from '../catalogues/index.ts'
import { selectFrom } from '../promql/select.ts'
import { dashboardOf } from './dashboard.ts'
import type { DashboardOptions } from './options.ts'
import { chosen } from './series.ts'
import { requests, security, sessions } from './tokmesh-business.ts'
import { nodes, revocation } from './tokmesh-cluster.ts'
import { summary } from './tokmesh-now.ts'
import { queries, storage } from './tokmesh-storage.ts'
import { labelVariable } from './variables.ts'

/**
 * Returns the dashboard of TokMesh. It is one: whoever is called at night sees at the top what fires, and below it
 * whether the requests, the cluster or the storage is to blame.
 */
export function tokmeshDashboard(options: DashboardOptions = {}): Dashboard {
  const series = selectFrom(tokmeshCatalogue)
  const { job } = chosen
  return dashboardOf(
    {
      uid: 'honoscope-tokmesh',
      title: 'TokMesh',
      description: 'Sessions and tokens: the business, the cluster and the storage of TokMesh on one page.',
      components: ['tokmesh', 'tokmesh-cluster', 'tokmesh-security', 'tokmesh-storage', 'database', 'postgres'],
      variables: [
        labelVariable('Job', series('tokmesh_sessions_active_total'), 'job'),
        labelVariable('Instance', series('tokmesh_sessions_active_total', { job }), 'instance'),
        labelVariable('Path', series('tokmesh_api_request_duration_seconds_count', { job }), 'path'),
      ],
      rows: [summary, sessions, requests, security, nodes, revocation, storage, queries],
    },
    options,
  )
}
