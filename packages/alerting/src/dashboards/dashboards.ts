import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { DashboardOptions } from './options.ts'
import { serviceDashboard } from './service.ts'

/**
 * All dashboards by their names: each is a function that returns it, and throws a `TypeError` that names the option for a
 * wrong one.
 */
export const dashboards: Readonly<Record<string, (options?: DashboardOptions) => Dashboard>> = {
  service: serviceDashboard,
}
