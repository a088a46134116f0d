/** What a rule or a panel has to know of one metric: enough to name it, its labels and its buckets. */
export interface MetricDescription {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly help: string
  /** Label names; each with all of its values where those are known, else `'open'`. */
  readonly labels: Readonly<Record<string, readonly string[] | 'open'>>
  /** Upper bounds of a histogram, ascending, without `+Inf`. */
  readonly buckets?: readonly number[]
}

/** Metrics by name, as `metrics.describe()` returns them, or written down for what others export. */
export type MetricCatalogue = Readonly<Record<string, MetricDescription>>

/** Labels that a series has from the scrape and not from the process, by Prometheus's and Kubernetes' conventions. */
export const targetLabels = [
  'cluster',
  'container',
  'endpoint',
  'instance',
  'job',
  'namespace',
  'node',
  'pod',
  'service',
] as const

/** @see targetLabels */
export type TargetLabel = (typeof targetLabels)[number]

type SeriesOf<Name extends string, D extends MetricDescription> = D['type'] extends 'histogram'
  ? `${Name}_bucket` | `${Name}_count` | `${Name}_sum`
  : D['type'] extends 'summary'
    ? Name | `${Name}_count` | `${Name}_sum`
    : Name

/** Names of the time series of a catalogue: of a histogram those that end in `_bucket`, `_count` and `_sum`. */
export type SeriesName<C extends MetricCatalogue> = {
  [Name in keyof C & string]: SeriesOf<Name, C[Name]>
}[keyof C & string]

/** The metric that a series belongs to. */
export type MetricOf<C extends MetricCatalogue, S extends string> = {
  [Name in keyof C & string]: S extends SeriesOf<Name, C[Name]> ? Name : never
}[keyof C & string]

/** Label names of a series, without those of the target. */
export type LabelOf<C extends MetricCatalogue, S extends string> =
  | (keyof C[MetricOf<C, S>]['labels'] & string)
  | (S extends `${string}_bucket` ? (C[MetricOf<C, S>]['type'] extends 'histogram' ? 'le' : never) : never)
  | (C[MetricOf<C, S>]['type'] extends 'summary' ? 'quantile' : never)

/** Values that a label of a series can have. */
export type ValueOf<C extends MetricCatalogue, S extends string, L extends string> = C[MetricOf<
  C,
  S
>]['labels'][L] extends readonly (infer V extends string)[]
  ? V
  : string
