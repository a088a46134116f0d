/**
 * Grafana dashboards of the suite and of TokMesh, from the metrics that exist.
 *
 * @module
 */
export type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
export { type DashboardName, dashboards } from './dashboards.ts'
export { databaseDashboard } from './database.ts'
export type { DashboardOptions, PrefixedDashboardOptions } from './options.ts'
export { type DashboardQuery, queriesOf } from './queries.ts'
export { type ServiceDashboardOptions, serviceDashboard } from './service.ts'
export type { HttpNames } from './service-series.ts'
