import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { type Threshold, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Limits } from './spec.ts'

/** A table below the lines: the worst series is found by a click on its column. */
export const legendTable = (): VizLegendOptionsBuilder =>
  new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.Table)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(['mean', 'max', 'lastNotNull'])
    .sortBy('Max')
    .sortDesc(true)

/** All series of a moment, the largest first. */
export const tooltipOfAll = (): VizTooltipOptionsBuilder =>
  new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending)

export const dashedLines = (): GraphThresholdsStyleConfigBuilder =>
  new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed)

export const stacked = (): StackingConfigBuilder => new StackingConfigBuilder().mode(StackingMode.Normal).group('A')

export const lastValue = (): ReduceDataOptionsBuilder =>
  new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false)

/** Green, then yellow from the warning and red from the critical limit on; the other way round where less is worse. */
export function thresholdsOf(limits: Limits | undefined): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps(limits))
}

function steps({ warning, critical, below = false }: Limits = {}): Threshold[] {
  const yellow = warning === undefined ? [] : [{ value: warning, color: 'yellow' }]
  const red = critical === undefined ? [] : [{ value: critical, color: 'red' }]
  if (!below) return [{ value: null, color: 'green' }, ...yellow, ...red]
  const [base, ...above] = [
    ...red.map(({ value }) => ({ value, color: 'red' })),
    ...yellow.map(({ value }) => ({ value, color: 'yellow' })),
  ]
  if (!base) return [{ value: null, color: 'green' }]
  // A step begins at its value: what is bad below a limit is the step that ends there.
  const colors = [base.color, ...above.map(({ color }) => color), 'green']
  const values = [null, base.value, ...above.map(({ value }) => value)]
  return values.map((value, index) => ({ value, color: colors[index] ?? 'green' }))
}
