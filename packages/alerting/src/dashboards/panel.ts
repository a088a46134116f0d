import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { DashboardLink, GridPos, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as HeatmapBuilder, YAxisConfigBuilder } from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { dashedLines, lastValue, legendTable, stacked, thresholdsOf, tooltipOfAll } from './panel-style.ts'
import type { PanelSpec, QuerySpec } from './spec.ts'
import { metricsSource } from './variables.ts'

/**
 * Returns the panel at its place; the points of its lines have the links.
 *
 * @throws TypeError for a legend that names a label which the query's result doesn't have.
 */
export function panelOf(spec: PanelSpec, id: number, gridPos: GridPos, links: Builder<DashboardLink>[]): Panel {
  const kind = spec.kind ?? 'timeseries'
  const builder = kind === 'stat' ? stat(spec) : kind === 'heatmap' ? heatmap(spec) : timeseries(spec, links)
  builder
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .datasource(metricsSource)
    .gridPos(gridPos)
    .targets(spec.queries.map((query, index) => target(spec, query, index)))
  if (spec.max !== undefined) builder.max(spec.max)
  return builder.build()
}

function target({ title, kind, exemplars = false }: PanelSpec, { expr, legend }: QuerySpec, index: number) {
  for (const [, label = ''] of legend.matchAll(/\{\{\s*([^\s}]+)\s*\}\}/g)) {
    if (!expr.labels.includes(label)) throw new TypeError(`panel ${title}: ${expr.text} has no label ${label}`)
  }
  const query = new DataqueryBuilder()
    .refId(String.fromCharCode(65 + index))
    .datasource(metricsSource)
    .expr(expr.text)
    .legendFormat(kind === 'heatmap' ? '{{le}}' : legend)
    .exemplar(exemplars)
    .format(kind === 'heatmap' ? PromQueryFormat.Heatmap : PromQueryFormat.TimeSeries)
  // A stat shows how it came to its value, too.
  return query.range()
}

function timeseries(
  { limits, stacked: isStacked = false }: PanelSpec,
  links: Builder<DashboardLink>[],
): TimeseriesBuilder {
  const builder = new TimeseriesBuilder()
    .min(0)
    .lineWidth(1)
    .fillOpacity(isStacked ? 40 : 8)
    .legend(legendTable())
    .tooltip(tooltipOfAll())
    .thresholds(thresholdsOf(limits))
    .dataLinks(links)
  if (limits) builder.thresholdsStyle(dashedLines())
  return isStacked ? builder.stacking(stacked()) : builder
}

const stat = ({ limits }: PanelSpec): StatBuilder =>
  new StatBuilder().reduceOptions(lastValue()).thresholds(thresholdsOf(limits)).noValue('no data')

const heatmap = ({ unit }: PanelSpec): HeatmapBuilder =>
  new HeatmapBuilder().yAxis(new YAxisConfigBuilder().unit(unit)).showLegend().exemplarsColor('rgba(255,0,255,0.7)')
