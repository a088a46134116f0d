/**
 * Typed Prometheus metrics for Hono whose series are known beforehand and bounded, the HTTP and runtime metrics, and
 * the `/metrics` handler.
 *
 * @module
 */
export type { MetricDescription } from './describe.ts'
export type { HttpLabel, HttpLabels, HttpMetric, HttpOptions, HttpSeries } from './http-options.ts'
export { open } from './labels.ts'
export { createMetrics, type Metrics } from './metrics.ts'
export { openMetricsContentType, textContentType } from './negotiate.ts'
export type { MetricsOptions } from './options.ts'
export type { Registry } from './registry.ts'
