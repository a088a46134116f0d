import type { TraceContext } from '@honoscope/core'
import type { Registry } from './registry.ts'

/** Options of `createMetrics()`. */
export interface MetricsOptions {
  /**
   * Stands before the name of every metric that does not say otherwise. Default: `''`.
   * Characters that a metric name can't have throw a `TypeError`.
   */
  readonly prefix?: string
  /** A registry of prom-client to put the metrics into. Default: a new one; never the global one. */
  readonly registry?: Registry
  /** How long a scrape waits for a collector before it goes on without. Default: 1000. Not above 0: `TypeError`. */
  readonly collectTimeoutMs?: number
  /** `nodejs_*` or `bun_*`, and `process_*`. Default: true. */
  readonly runtime?: boolean
  /**
   * Returns the current span, or `undefined` outside of a sampled one; its ids become exemplars of counters and
   * histogram buckets. What it throws is ignored. Default: no exemplars.
   */
  readonly traceContext?: () => TraceContext | undefined
  /** Milliseconds since the epoch, for exemplars. Default: `Date.now`. */
  readonly now?: () => number
}

/** The options with their defaults. */
export interface CheckedOptions extends Required<Omit<MetricsOptions, 'registry' | 'traceContext'>> {
  readonly traceContext: (() => TraceContext | undefined) | undefined
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names the option.
 */
export function checkOptions(options: MetricsOptions): CheckedOptions {
  const { prefix = '', collectTimeoutMs = 1000, runtime = true, traceContext, now = Date.now } = options
  if (!/^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(prefix)) {
    throw new TypeError(`createMetrics: prefix ${JSON.stringify(prefix)} can't start a metric name`)
  }
  if (!(collectTimeoutMs > 0)) throw new TypeError('createMetrics: collectTimeoutMs must be above 0')
  return { prefix, collectTimeoutMs, runtime, traceContext, now }
}
