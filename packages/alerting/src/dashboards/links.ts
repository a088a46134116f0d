import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { type DashboardLink, DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'
import type { DashboardOptions } from './options.ts'
import { placeholder } from './placeholder.ts'

/** What each dashboard of the suite is tagged with: by it they find each other. */
export const suiteTag = 'honoscope'

/** Returns the address of Grafana's Explore with one query, over the dashboard's own time. */
function explore(type: 'loki' | 'tempo', uid: string, query: object): string {
  const datasource = { type, uid }
  const range = { from: placeholder('__from'), to: placeholder('__to') }
  const pane = { datasource: uid, queries: [{ refId: 'A', datasource, ...query }], range }
  // What Grafana replaces has to stand there as it is; the rest is a part of an address.
  const panes = encodeURIComponent(JSON.stringify({ a: pane })).replace(
    /%24%7B([A-Za-z_%0-9]+?)%7D/g,
    (_, variable: string) => `\${${decodeURIComponent(variable)}}`,
  )
  return `/explore?schemaVersion=1&panes=${panes}`
}

/** Lines of the chosen jobs, taken apart: what Loki was not told of when it took them is in the line. */
const linesOf = (label: string): string => `{${label}=~"${placeholder('job', 'pipe')}"} | json`

/** The SDK hides a link in a menu unless told otherwise, and can not be told so. */
function visible(builder: DashboardLinkBuilder): DashboardLink {
  const { placement: _, ...link } = builder.build()
  return link
}

const external = (title: string, url: string, tooltip: string, icon: string): DashboardLink =>
  visible(
    new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).tooltip(tooltip).icon(icon).targetBlank(true),
  )

/** Returns the links at the top: to the other dashboards, the trace, the logs, and the runbook if there is one. */
export function dashboardLinks({ runbookUrl, logsLabel = 'app' }: DashboardOptions): DashboardLink[] {
  const others = visible(
    new DashboardLinkBuilder('Dashboards')
      .type(DashboardLinkType.Dashboards)
      .tags([suiteTag])
      .asDropdown(true)
      .includeVars(true)
      .keepTime(true),
  )
  const trace = explore('tempo', placeholder('traces'), { queryType: 'traceql', query: placeholder('trace_id') })
  // Open at its end: where no id was given, it is true of every line, also of one without a trace.
  const ofTrace = `${linesOf(logsLabel)} | trace_id=~"${placeholder('trace_id')}.*"`
  const logs = explore('loki', placeholder('logs'), { expr: ofTrace })
  return [
    others,
    external('Trace', trace, 'The trace whose id stands in the field "Trace id"', 'gf-traces'),
    external('Logs', logs, 'Log lines of the trace, or of all requests', 'gf-logs'),
    ...(runbookUrl === undefined ? [] : [external('Runbook', runbookUrl, 'What to do when an alert fires', 'doc')]),
  ]
}

/** Returns the link that a point of a panel has: to what the services complained of. */
export function logsOfJob({ logsLabel = 'app' }: DashboardOptions): Builder<DashboardLink> {
  const complaints = `${linesOf(logsLabel)} | level=~"(?i)(warn|error|fatal).*"`
  const url = explore('loki', placeholder('logs'), { expr: complaints })
  const link = visible(new DashboardLinkBuilder('Warnings and errors in the logs').url(url).targetBlank(true))
  return { build: () => link }
}
