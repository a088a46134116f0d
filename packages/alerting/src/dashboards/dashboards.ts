import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { aiDashboard } from './ai.ts'
import { databaseDashboard } from './database.ts'
import type { DashboardOptions } from './options.ts'
import { runtimeDashboard } from './runtime.ts'
import { serviceDashboard } from './service.ts'
import type { HttpNames } from './service-series.ts'
import { telemetryDashboard } from './telemetry.ts'
import { tokmeshDashboard } from './tokmesh.ts'

const tokmeshComponents = ['tokmesh', 'tokmesh-security']

/** TokMesh's own names, as its contract has them. */
const tokmeshNames: HttpNames = {
  names: {
    requests: false,
    duration: 'api_request_duration_seconds',
    inFlight: 'http_requests_in_flight',
    requestSize: false,
    responseSize: false,
  },
  labels: { route: 'path', status: 'status' },
}

/**
 * All dashboards by their names: each is a function that returns it, the same each time, and throws a `TypeError` that
 * names the option for a wrong one. A service with a prefix of its own has `serviceDashboard()` and `databaseDashboard()`.
 *
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises'
 * import { dashboards } from '@honoscope/alerting/dashboards'
 *
 * for (const [name, dashboard] of Object.entries(dashboards)) {
 *   await writeFile(`${name}.json`, `${JSON.stringify(dashboard({ runbookUrl: 'https://example.com/runbook' }), null, 2)}\n`)
 * }
 * ```
 */
export const dashboards: Readonly<Record<DashboardName, (options?: DashboardOptions) => Dashboard>> = {
  service: serviceDashboard,
  runtime: runtimeDashboard,
  database: databaseDashboard,
  ai: aiDashboard,
  tokmesh: tokmeshDashboard,
  'tokmesh-service': (options = {}) =>
    serviceDashboard({ ...options, ...tokmeshNames, prefix: 'tokmesh_', components: tokmeshComponents }),
  'tokmesh-database': (options = {}) => databaseDashboard({ ...options, prefix: 'tokmesh_' }),
  telemetry: telemetryDashboard,
}

/** @see dashboards */
export type DashboardName =
  | 'service'
  | 'runtime'
  | 'database'
  | 'ai'
  | 'tokmesh'
  | 'tokmesh-service'
  | 'tokmesh-database'
  | 'telemetry'
