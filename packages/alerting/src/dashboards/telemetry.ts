import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { prometheusCatalogue } from '../catalogues/index.ts'
import { selectFrom } from '../promql/select.ts'
import { dashboardOf } from './dashboard.ts'
import type { DashboardOptions } from './options.ts'
import { chosen } from './series.ts'
import { delivery } from './telemetry-alerts.ts'
import { losses, scrapes, seriesRow } from './telemetry-metrics.ts'
import { audit, tracing } from './telemetry-traces.ts'
import { labelVariable } from './variables.ts'

/** Returns the dashboard of the telemetry itself: whether what the other dashboards show can be believed. */
export function telemetryDashboard(options: DashboardOptions = {}): Dashboard {
  const series = selectFrom(prometheusCatalogue)
  return dashboardOf(
    {
      uid: 'honoscope-telemetry',
      title: 'Telemetry health',
      description: 'Scrapes, series, spans, audit entries and alerts: does anything get lost on its way to the reader?',
      components: ['telemetry', 'alerting'],
      variables: [
        labelVariable('Job', series('up'), 'job'),
        labelVariable('Instance', series('up', { job: chosen.job }), 'instance'),
      ],
      rows: [scrapes, seriesRow, losses, tracing, audit, delivery],
    },
    options,
  )
}
