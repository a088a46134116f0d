import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { alertAnnotations } from './annotations.ts'
import { layOut } from './layout.ts'
import { dashboardLinks, logsOfJob, suiteTag } from './links.ts'
import { checkOptions, type DashboardOptions } from './options.ts'
import type { RowSpec } from './spec.ts'
import { sourceVariables, traceVariable } from './variables.ts'

/** A dashboard, as the files of this folder describe it. */
export interface DashboardSpec {
  /** Unique and never changed: alerts, links and bookmarks lead to it. */
  readonly uid: string
  readonly title: string
  readonly description: string
  /** Components whose alerts are marked in it. */
  readonly components: readonly string[]
  /** Its own variables; those of the data sources come before, that of the trace after them. */
  readonly variables: readonly VariableModel[]
  readonly rows: readonly RowSpec[]
}

/** Returns the dashboard, in the form in which Grafana's provisioning takes it: without `id`, `version`, `__inputs`. */
export function dashboardOf(spec: DashboardSpec, options: DashboardOptions): Dashboard {
  checkOptions(options)
  const dashboard = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([suiteTag])
    .timezone('browser')
    .editable()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .build()
  dashboard.templating.list = [...sourceVariables(), ...spec.variables, traceVariable()]
  dashboard.annotations.list = alertAnnotations(spec.components)
  dashboard.links = dashboardLinks(options)
  dashboard.panels = layOut(spec.rows, [logsOfJob(options)])
  return dashboard
}
