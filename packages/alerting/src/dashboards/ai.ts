import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { prometheusCatalogue } from '../catalogues/index.ts'
import { selectFrom } from '../promql/select.ts'
import { chat2sql } from './ai-chat2sql.ts'
import { genai, genaiSelf } from './ai-genai.ts'
import { iacCalls, iacSteps, iacWorkspaces } from './ai-iac.ts'
import { dashboardOf } from './dashboard.ts'
import type { DashboardOptions } from './options.ts'
import { chosen } from './series.ts'
import { labelVariable } from './variables.ts'

/** Returns the dashboard of calls to models: OpenTelemetry's metrics, the `iac_*` functions, and Chat2SQL. */
export function aiDashboard(options: DashboardOptions = {}): Dashboard {
  // Which of the families a service has is its own affair; that it is scraped is what they have in common.
  const series = selectFrom(prometheusCatalogue)
  return dashboardOf(
    {
      uid: 'honoscope-ai',
      title: 'AI calls',
      description: 'Calls to models: are they answered, how fast, how well, and for how much?',
      components: ['ai', 'database'],
      variables: [
        labelVariable('Job', series('up'), 'job'),
        labelVariable('Instance', series('up', { job: chosen.job }), 'instance'),
      ],
      rows: [genai, iacCalls, iacSteps, iacWorkspaces, chat2sql, genaiSelf],
    },
    options,
  )
}
