/** All of this service's observability, wired in one page. */
import { createObserver, type InFlight, inFlight } from '@honoscope/core'
import { createHealth, type Health } from '@honoscope/health'
import { createMetrics, type HttpSeries, type Metrics } from '@honoscope/metrics'
import type { Hono, MiddlewareHandler } from 'hono'
import type { SessionHooks } from './domain/sessions.ts'
import { eventLog } from './event-log.ts'
import type { AppEnv } from './http/env.ts'
import type { Log } from './log.ts'
import { singleNodeMetrics } from './telemetry/cluster.ts'
import { type DatabaseSource, databaseMetrics } from './telemetry/database.ts'
import { type KeyHooks, keyHooks } from './telemetry/keys.ts'
import { processMetrics } from './telemetry/process.ts'
import { sessionHooks } from './telemetry/sessions.ts'

/** What telemetry asks of the service. */
export interface TelemetryOptions {
  readonly log: Log
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
  /** The middleware that sees every request of `app`. */
  readonly observer: (app: Hono<AppEnv>) => MiddlewareHandler
  readonly sessionHooks: SessionHooks
  readonly keyHooks: KeyHooks
  /** A commit was refused by the database's storage. */
  readonly onWalFault: () => void
  /** Adds the families that are read from the database. */
  readonly watchDatabase: (source: DatabaseSource) => void
}

export function createTelemetry({ log, storage, storageTimeoutMs }: TelemetryOptions): Telemetry {
  const metrics = createMetrics({ prefix: 'tokmesh_' })
  const health = createHealth({
    ready: { storage: { check: storage, timeoutMs: storageTimeoutMs }, cluster: () => true },
    startup: { storage: { check: storage, timeoutMs: storageTimeoutMs } },
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
  })
  const walFaults = metrics.counter({ name: 'wal_fsync_failed_total', help: 'Commits refused with a storage fault.' })
  const requests = inFlight()
  singleNodeMetrics(metrics, () => health.draining)
  processMetrics(metrics)

  return {
    metrics,
    health,
    requests,
    observer: (app) => createObserver({ app })(requests, http, eventLog(log)),
    sessionHooks: sessionHooks(metrics),
    keyHooks: keyHooks(metrics),
    onWalFault: () => walFaults.inc(),
    watchDatabase: (source) => databaseMetrics(metrics, source),
  }
}

/** The series of the latency histogram that are there before the first request. */
const successes: readonly HttpSeries[] = [
  { method: 'POST', route: '/sessions', status: 201 },
  { method: 'GET', route: '/sessions/:session_id', status: 200 },
  { method: 'POST', route: '/sessions/:session_id/touch', status: 200 },
  { method: 'POST', route: '/sessions/:session_id/renew', status: 200 },
  { method: 'POST', route: '/sessions/:session_id/revoke', status: 200 },
  { method: 'POST', route: '/users/:user_id/sessions/revoke', status: 200 },
  { method: 'POST', route: '/tokens/validate', status: 200 },
  { method: 'GET', route: '/metrics', status: 200 },
  { method: 'POST', route: '/admin/v1/keys', status: 201 },
  { method: 'GET', route: '/admin/v1/keys', status: 200 },
  { method: 'POST', route: '/admin/v1/keys/:key_id/status', status: 200 },
  { method: 'POST', route: '/admin/v1/keys/:key_id/rotate', status: 200 },
  { method: 'GET', route: '/health', status: 200 },
  { method: 'GET', route: '/ready', status: 200 },
]
