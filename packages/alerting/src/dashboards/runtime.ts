import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { runtimeCatalogue } from '../catalogues/index.ts'
import { selectFrom } from '../promql/select.ts'
import { dashboardOf } from './dashboard.ts'
import type { DashboardOptions } from './options.ts'
import { eventLoop, garbage } from './runtime-loop.ts'
import { handles, memory, processor, summary } from './runtime-process.ts'
import { chosen } from './series.ts'
import { labelVariable } from './variables.ts'

/** Returns the dashboard of what Node, Bun and the process tell; what a runtime can't tell is absent. */
export function runtimeDashboard(options: DashboardOptions = {}): Dashboard {
  const series = selectFrom(runtimeCatalogue)
  return dashboardOf(
    {
      uid: 'honoscope-runtime',
      title: 'Runtime: Node and Bun',
      description:
        'Processor, memory, event loop and garbage collection of each process: is one of them short of something?',
      components: ['kubernetes', 'telemetry', 'tokmesh'],
      variables: [
        labelVariable('Job', series('process_start_time_seconds'), 'job'),
        labelVariable('Instance', series('process_start_time_seconds', { job: chosen.job }), 'instance'),
      ],
      rows: [summary, processor, eventLoop, memory, garbage, handles],
    },
    options,
  )
}
