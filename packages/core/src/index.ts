/**
 * `observe()`: the one Hono middleware that sees a request from its first byte to its last, and the
 * interfaces through which Honoscope's packages meet.
 *
 * @module
 */
export type {
  Catalogue,
  Counter,
  CounterOptions,
  CounterSeries,
  Gauge,
  GaugeOptions,
  GaugeSeries,
  Histogram,
  HistogramOptions,
  HistogramSeries,
  LabelSpec,
  LabelValues,
  MetricOptions,
  OpenLabel,
  RecordArgs,
} from './catalogue.ts'
export type { Exchange, Outcome } from './exchange.ts'
export type { AnyInstrument, Fault, HookName, Instrument } from './instrument.ts'
