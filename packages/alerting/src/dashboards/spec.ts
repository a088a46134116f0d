import type { Expression } from '../promql/expression.ts'

/** Grafana's names of the units that are used here. */
export type Unit =
  | 's'
  | 'ms'
  | 'bytes'
  | 'Bps'
  | 'reqps'
  | 'ops'
  | 'percentunit'
  | 'short'
  | 'cps'
  | 'dateTimeFromNow'
  | 'bool_yes_no'

/** One query of a panel. */
export interface QuerySpec {
  readonly expr: Expression
  /** Names each series: `{{route}}` is the value of a label, which the expression has to have. */
  readonly legend: string
}

/** Where a panel turns yellow and red: at the thresholds of the alerts, where there are some. */
export interface Limits {
  readonly warning?: number
  readonly critical?: number
  /** The values below are the bad ones. Default: those above. */
  readonly below?: boolean
}

/** A panel, as the dashboards of this folder describe it. */
export interface PanelSpec {
  readonly title: string
  /** What it shows, what is normal, and what is not. */
  readonly description: string
  /** Default: `timeseries`. */
  readonly kind?: 'timeseries' | 'stat' | 'heatmap'
  readonly unit: Unit
  readonly queries: readonly QuerySpec[]
  readonly limits?: Limits
  /** Ends of the axis; by default what the data ask for, from 0. */
  readonly max?: number
  /** Series add up to something: they stand one on the other. */
  readonly stacked?: boolean
  /** Points with a trace are shown: only for histograms that record exemplars. */
  readonly exemplars?: boolean
  /** Columns of 24. Default: an equal part of its line. */
  readonly width?: number
}

/** A row with its lines of panels. */
export interface RowSpec {
  readonly title: string
  readonly lines: readonly (readonly PanelSpec[])[]
}
