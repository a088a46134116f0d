/** All of this service's observability, wired in one page. */
import { type AnyInstrument, createObserver, type InFlight, inFlight } from '@honoscope/core'
import { createHealth, type Health } from '@honoscope/health'
import { createMetrics, type HttpSeries, type Metrics } from '@honoscope/metrics'
import type { Tracing } from '@honoscope/tracing'
import type { Hono, MiddlewareHandler } from 'hono'
import type { Cluster } from './cluster/cluster.ts'
import type { Config } from './config.ts'
import type { SessionHooks } from './domain/sessions.ts'
import { eventLog } from './event-log.ts'
import type { AppEnv } from './http/env.ts'
import type { Log } from './log.ts'
import { operations } from './routes/operations.ts'
import type { Database } from './store/database.ts'
import { callerTrace } from './telemetry/caller-trace.ts'
import { type ClusterHooks, clusterMetrics } from './telemetry/cluster.ts'
import { type DatabaseSource, databaseMetrics } from './telemetry/database.ts'
import { type KeyHooks, keyHooks } from './telemetry/keys.ts'
import { processMetrics } from './telemetry/process.ts'
import { observeQueries, type QueryObserver } from './telemetry/queries.ts'
import { requestRate } from './telemetry/rate.ts'
import { sampled } from './telemetry/sampled.ts'
import { sessionHooks } from './telemetry/sessions.ts'
import { openTracing } from './telemetry/tracing.ts'

/** What telemetry asks of the service. */
export interface TelemetryOptions {
  readonly config: Config
  readonly nodeId: string
  readonly log: Log
  /** Throws until the service has started; then never again. */
  readonly started: () => void
  /** Rejects while the database can't be used. */
  readonly storage: () => Promise<unknown>
  /** Throws while the node may not be called ready for the cluster's sake. */
  readonly membership: () => void
  /** Limit of `storage`, milliseconds. */
  readonly storageTimeoutMs: number
}

/** The instruments, and what feeds them. */
export interface Telemetry {
  readonly metrics: Metrics
  readonly tracing: Tracing
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
  /** Decorates the database, whose queries are observed then. */
  readonly decorateDatabase: QueryObserver['decorate']
  /** Adds the families that are read from the database, and watches its connections. */
  readonly watchDatabase: (database: Database, source: DatabaseSource) => void
  /** Adds the families of the cluster. */
  readonly watchCluster: (cluster: Cluster) => void
  readonly clusterHooks: ClusterHooks
  /** Ends what goes on by itself, and sends the spans that wait. */
  readonly close: () => Promise<void>
}

/** Makes all instruments of one service. Rejects for an endpoint that tracing can't use; nothing else fails. */
export async function createTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { log, started, storage, membership, storageTimeoutMs } = options
  const metrics = createMetrics({ prefix: 'tokmesh_' })
  const tracing = await openTracing({ ...options, metrics })
  const health = createHealth({
    ready: { storage: { check: storage, timeoutMs: storageTimeoutMs }, cluster: membership },
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
    // Without spans of its own the caller's are the next best.
    ...(!tracing.enabled && { traceContext: callerTrace }),
  })
  const walFaults = metrics.counter({ name: 'wal_fsync_failed_total', help: 'Commits refused with a storage fault.' })
  const tlsFaults = metrics.counter({ name: 'tls_reload_failures_total', help: 'Certificate reloads that failed.' })
  const requests = inFlight()
  const rate = requestRate()
  const cluster = clusterMetrics(metrics)
  const queries = observeQueries({ metrics, tracing, log })
  let endWatch = () => {}
  const memoryBytes = sampled(() => process.memoryUsage.rss())
  processMetrics(metrics, memoryBytes)

  return {
    metrics,
    tracing,
    health,
    requests,
    requestsPerSecond: rate.perSecond,
    memoryBytes,
    observer: (app, ...more) =>
      createObserver({ app, log: (message) => log('error', 'tokmesh.telemetry', message) })(
        tracing.http({ traceIdOn: 'every', clientAddress: false, userAgent: false }),
        ...[requests, http, rate, eventLog(log), ...more],
      ),
    sessionHooks: sessionHooks(metrics),
    keyHooks: keyHooks(metrics),
    onWalFault: () => walFaults.inc(),
    onTlsReload: (error) => error && tlsFaults.inc(),
    decorateDatabase: queries.decorate,
    watchDatabase(database, source) {
      databaseMetrics(metrics, source)
      endWatch = queries.watchPool(database)
    },
    watchCluster: cluster.watch,
    clusterHooks: cluster.hooks,
    async close() {
      endWatch()
      metrics.close()
      const sent = await tracing.shutdown(lastSpansMs)
      if (!sent) log('warn', 'tokmesh.tracing', 'the last spans could not be sent')
    },
  }
}

/** What a collector that does not answer may cost the end of the process. */
const lastSpansMs = 1_000

/** The series of the latency histogram that are there before the first request: keyed routes, `/health` and `/ready`. */
const successes: readonly HttpSeries[] = operations
  .filter(({ roles, path }) => roles.length > 0 || path === '/health' || path === '/ready')
  .map((declared) => ({
    method: declared.method,
    route: declared.path,
    status: 'status' in declared ? (declared.status ?? 200) : 200,
  }))
