/**
 * Spans, metrics and events for Drizzle, and gauges for its connection pool.
 *
 * @module
 */
export {
  type ConnectionCount,
  type CountConnectionsOptions,
  countConnections,
  type SocketFactory,
  type SocketTarget,
} from './connections.ts'
export type { NPlusOne, QueryEvent, SlowQuery } from './events.ts'
export type { FailureClass } from './failure.ts'
export type { DrizzleFault, FaultHook } from './guard.ts'
export { type AnyPgDatabase, instrumentDrizzle } from './instrument-drizzle.ts'
export {
  type Connections,
  type DbMetric,
  type DbMetrics,
  type DbMetricsOptions,
  dbMetrics,
  type QueryRecorder,
} from './metrics.ts'
export type { DrizzleOptions } from './options.ts'
export { type Pool, type WatchPoolOptions, watchPool } from './pool.ts'
