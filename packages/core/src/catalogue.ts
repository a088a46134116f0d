/**
 * What a package asks of a metrics catalogue that the app passes in. `@honoscope/metrics` implements it;
 * so can anybody. Types only: a package that takes a `Catalogue` depends on no metrics library.
 */

/** A label whose values are not known beforehand: the first `max` are kept, later ones fold into `other`. */
export interface OpenLabel {
  readonly open: number
}

/** Label names, each with its closed list of values or an {@link OpenLabel}. */
export type LabelSpec = Readonly<Record<string, readonly string[] | OpenLabel>>

/** The label values that a metric with spec `S` takes: a union for closed lists, `string` for open ones. */
export type LabelValues<S extends LabelSpec> = {
  readonly [K in keyof S]: S[K] extends readonly (infer V extends string)[] ? V : string
}

/** Arguments of a recording method: the labels come first, and are left out where the metric has none. */
export type RecordArgs<S extends LabelSpec, Rest extends readonly unknown[]> = keyof S extends never
  ? Rest
  : [labels: LabelValues<S>, ...rest: Rest]

/** What every metric has. */
export interface MetricOptions<S extends LabelSpec> {
  /** Without the catalogue's prefix. Counters end in `_total`. */
  readonly name: string
  readonly help: string
  /** In place of the catalogue's prefix; `''` for a name that is the same in every app, such as `process_*`. */
  readonly prefix?: string
  /** Default: no labels. */
  readonly labels?: S
  /**
   * Export every declared combination at 0 from the start.
   * Default: true when every label is a closed list, false with an open one.
   */
  readonly init?: boolean
  /** Most label combinations that are kept; later ones fold into the one that is all `other`. Default: 10,000. */
  readonly maxChildren?: number
}

/** @see MetricOptions */
export interface HistogramOptions<S extends LabelSpec> extends MetricOptions<S> {
  /** Upper bounds, ascending, without `+Inf`. Default: prom-client's, 5 ms to 10 s in seconds. */
  readonly buckets?: readonly number[]
}

/** @see MetricOptions */
export interface GaugeOptions<S extends LabelSpec> extends MetricOptions<S> {
  /** Called before each scrape, to set the values then. May be async; it is left out after the catalogue's timeout. */
  readonly collect?: (gauge: Gauge<S>) => void | Promise<void>
}

/** @see MetricOptions */
export interface CounterOptions<S extends LabelSpec> extends MetricOptions<S> {
  /** Called before each scrape, for counts that are kept elsewhere: `counter.set(total)`. */
  readonly collect?: (counter: Counter<S>) => void | Promise<void>
}

/** The span that an exemplar points to. Ids in lower-case hex, as W3C Trace Context writes them. */
export interface TraceContext {
  readonly traceId: string
  readonly spanId: string
}

/** One series of a counter. A negative, NaN or infinite increment is dropped and counted. */
export interface CounterSeries {
  /** Default: 1. `trace` becomes the exemplar, in place of what the catalogue would find by itself. */
  inc(value?: number, trace?: TraceContext): void
  /** Takes a total that is counted elsewhere. A value below the present one is taken as a restart of that count. */
  set(total: number): void
}

/** One series of a gauge. NaN is dropped and counted. */
export interface GaugeSeries {
  set(value: number): void
  /** Default: 1. */
  inc(value?: number): void
  /** Default: 1. */
  dec(value?: number): void
}

/** One series of a histogram. */
export interface HistogramSeries {
  /**
   * In the metric's own unit: seconds for `_seconds`, bytes for `_bytes`. NaN and infinities are dropped and counted;
   * so is a negative value when no bucket is negative, because a sum that falls reads as a restart.
   * `trace` becomes the exemplar, in place of what the catalogue would find by itself.
   */
  observe(value: number, trace?: TraceContext): void
}

/** A counter. Without labels it is its own series: `counter.inc()`. */
export interface Counter<S extends LabelSpec> {
  /** Default: 1. */
  inc(...args: RecordArgs<S, [value?: number]>): void
  /** @see CounterSeries.set */
  set(...args: RecordArgs<S, [total: number]>): void
  /** Resolves one series once, for hot paths. */
  series(...args: RecordArgs<S, []>): CounterSeries
}

/** A gauge. Without labels it is its own series: `gauge.set(1)`. */
export interface Gauge<S extends LabelSpec> {
  set(...args: RecordArgs<S, [value: number]>): void
  inc(...args: RecordArgs<S, [value?: number]>): void
  dec(...args: RecordArgs<S, [value?: number]>): void
  /** Resolves one series once, for hot paths. It comes back by itself when it is used after a `reset()`. */
  series(...args: RecordArgs<S, []>): GaugeSeries
  /** Forgets every series, so that a collector can export only what exists now. */
  reset(): void
}

/** A histogram. Without labels it is its own series: `histogram.observe(0.2)`. */
export interface Histogram<S extends LabelSpec> {
  /** @see HistogramSeries.observe */
  observe(...args: RecordArgs<S, [value: number]>): void
  /** Resolves one series once, for hot paths. */
  series(...args: RecordArgs<S, []>): HistogramSeries
}

/** Makes metrics. A duplicate or invalid name, label or bucket list throws a `TypeError` that names the metric. */
export interface Catalogue {
  counter<const S extends LabelSpec = Record<never, never>>(options: CounterOptions<S>): Counter<S>
  gauge<const S extends LabelSpec = Record<never, never>>(options: GaugeOptions<S>): Gauge<S>
  histogram<const S extends LabelSpec = Record<never, never>>(options: HistogramOptions<S>): Histogram<S>
}
