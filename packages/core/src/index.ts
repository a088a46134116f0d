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
  TraceContext,
} from './catalogue.ts'
export { type Clock, monotonicClock } from './clock.ts'
export type { Exchange, Outcome, Work } from './exchange.ts'
export type { FaultLog } from './guard.ts'
export { type InFlight, inFlight } from './in-flight.ts'
export type { AnyInstrument, Fault, HookName, Instrument } from './instrument.ts'
export { foldMethod, type KnownMethod, knownMethods } from './method.ts'
export { createObserver, type Observe, type ObserverOptions, observe } from './observe.ts'
export { type RoutedApp, unmatched } from './route.ts'
export { type ActiveSpan, currentScope, runInScope, type Scope } from './scope.ts'
export { commandOf, maxStatementChars, sanitiseStatement } from './statement.ts'
