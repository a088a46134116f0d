/** All of this service's observability, wired in one page. */
import { type AnyInstrument, createObserver, type InFlight, inFlight } from '@honoscope/core'
import { createHealth, type Health } from '@honoscope/health'
import { createMetrics, type HttpSeries, type Metrics } from '@honoscope/metrics'
import type { Hono, MiddlewareHandler } from 'hono'
import type { SessionHooks } from './domain/sessions.ts'
import { eventLog } from './event-log.ts'
import type { AppEnv } from './http/env.ts'
import type { Log } from './log.ts'
import { operations } from './routes/operations.ts'
import { callerTrace } from './telemetry/caller-trace.ts'
import { singleNodeMetrics } from './telemetry/cluster.ts'
import { type DatabaseSource, databaseMetrics } from './telemetry/database.ts'
import { type KeyHooks, keyHooks } from './telemetry/keys.ts'
import { processMetrics } from './telemetry/process.ts'
import { requestRate } from './telemetry/rate.ts'
import { sampled } from './telemetry/sampled.ts'
import { sessionHooks } from './telemetry/sessions.ts'

/** What telemetry asks of the service. */
export interface TelemetryOptions {
  readonly log: Log
  /** Throws until the service has started; then never again. */
  readonly started: () => void
  /** Rejects while the database can't be used. */
  readonly storage: () => Promise<unknown>
  /** Limit of `storage`, milliseconds. */
  readonly storageTimeoutMs: number
}

/** The instruments, and what feeds them. */
export interface Telemetry {
  readonly metrics: Metrics
  readonly health: Health
  /** Requests under way, for the drain. */
  readonly requests: InFlight
  /** Requests answered lately, per second. */
  readonly requestsPerSecond: () => number
  /** Resident memory, at most 1 s old. */
  readonly memoryBytes: () => number
  /** The middleware that shows every request of `app` to these instruments, and to `more`. */
  readonly observer: (app: Hono<AppEnv>, ...more: readonly AnyInstrument[]) => MiddlewareHandler
  readonly sessionHooks: SessionHooks
  readonly keyHooks: KeyHooks
  /** A commit was refused by the database's storage. */
  readonly onWalFault: () => void
  /** New certificates were tried, and failed where there is an error. */
  readonly onTlsReload: (error: Error | undefined) => void
  /** Adds the families that are read from the database. */
  readonly watchDatabase: (source: DatabaseSource) => void
}

export function createTelemetry({ log, started, storage, storageTimeoutMs }: TelemetryOptions): Telemetry {
  const metrics = createMetrics({ prefix: 'tokmesh_' })
  const health = createHealth({
    ready: { storage: { check: storage, timeoutMs: storageTimeoutMs }, cluster: () => true },
    startup: { storage: started },
    // Short, so that an outage shows at once; probes at the same moment share one look all the same.
    cacheMs: 100,
    metrics,
  })
  const http = metrics.http({
    names: { requests: false, duration: 'api_request_duration_seconds', requestSize: false, responseSize: false },
    labels: { duration: { method: 'method', path: 'route', status: 'status' } },
    buckets: { duration: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1] },
    routeStyle: 'openapi',
    init: successes,
    traceContext: callerTrace,
  })
  const walFaults = metrics.counter({ name: 'wal_fsync_failed_total', help: 'Commits refused with a storage fault.' })
  const tlsFaults = metrics.counter({ name: 'tls_reload_failures_total', help: 'Certificate reloads that failed.' })
  const requests = inFlight()
  const rate = requestRate()
  singleNodeMetrics(metrics, () => health.draining)
  const memoryBytes = sampled(() => process.memoryUsage.rss())
  processMetrics(metrics, memoryBytes)

  return {
    metrics,
    health,
    requests,
    requestsPerSecond: rate.perSecond,
    memoryBytes,
    observer: (app, ...more) => createObserver({ app })(requests, http, rate, eventLog(log), ...more),
    sessionHooks: sessionHooks(metrics),
    keyHooks: keyHooks(metrics),
    onWalFault: () => walFaults.inc(),
    onTlsReload: (error) => error && tlsFaults.inc(),
    watchDatabase: (source) => databaseMetrics(metrics, source),
  }
}

/** The series of the latency histogram that are there before the first request: keyed routes, `/health` and `/ready`. */
const successes: readonly HttpSeries[] = operations
  .filter(({ roles, path }) => roles.length > 0 || path === '/health' || path === '/ready')
  .map((declared) => ({
    method: declared.method,
    route: declared.path,
    status: 'status' in declared ? (declared.status ?? 200) : 200,
  }))
