/** Alertmanager's webhook comes in; chat, pager, mail, tickets and a webhook are told, once for each state. */
import { serve } from '@hono/node-server'
import { alertWebhook } from '@honoscope/alerting/receiver'
import { drizzleStore, migrate } from '@honoscope/alerting/receiver/drizzle'
import { inFlight, observe } from '@honoscope/core'
import { dbMetrics, instrumentDrizzle } from '@honoscope/db-drizzle-instrumentation'
import { createHealth } from '@honoscope/health'
import { accessLog, createLogger, describeError, type LogLevel } from '@honoscope/logging'
import { createMetrics } from '@honoscope/metrics'
import { createTracing } from '@honoscope/tracing'
import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { openEmbedded, openPostgres } from './database.ts'
import { needed, optional, port } from './environment.ts'
import { notifiersFrom } from './notifiers.ts'
import { remediationsFrom } from './remediations.ts'
import { routesFor } from './routing.ts'

const environment = process.env
const logger = createLogger({
  name: 'alert-receiver',
  level: (optional(environment, 'LOG_LEVEL') ?? 'info') as LogLevel,
})
const metrics = createMetrics()
const tracing = await createTracing({ serviceName: 'alert-receiver', metrics })
const requests = inFlight()

// Read first: what is wrong with it is told before anything is opened.
// Several tokens, while one is changed for the next; none has white space.
const auth = needed(environment, 'ALERT_RECEIVER_TOKEN').split(/\s+/)
const notifiers = notifiersFrom(environment, tracing.fetch)
const remediations = await remediationsFrom(environment)
const databaseUrl = optional(environment, 'DATABASE_URL')
const address = { hostname: optional(environment, 'HOST') ?? '127.0.0.1', port: port(environment, 'PORT', 5090) }

const database = databaseUrl
  ? openPostgres(databaseUrl)
  : await openEmbedded(optional(environment, 'DATA_DIR') ?? './data/alert-receiver')
const db = instrumentDrizzle(database.db, { metrics: dbMetrics(metrics), tracer: tracing.tracer })
await migrate(db)
const health = createHealth({ ready: { database: () => database.ping() }, inFlight: requests, metrics })
const alerts = alertWebhook({
  ...{ auth, notifiers, remediations, routes: routesFor(Object.keys(notifiers)), store: drizzleStore(db) },
  ...{ metrics, tracer: tracing.tracer },
  onFault: ({ hook, name, error }) => logger.error('alerting failed', { hook, name, error: describeError(error) }),
})

const app = new Hono()
app.use(observe(requests, tracing.http(), metrics.http(), accessLog(logger, { skip: ['/health/*', '/metrics'] })))
const metricsToken = optional(environment, 'METRICS_TOKEN')
if (metricsToken) app.use('/metrics', bearerAuth({ token: metricsToken }))
app.get('/metrics', metrics.handler)
app.route('/', health.routes())
app.route('/alerts', alerts)

const server = serve({ fetch: app.fetch, ...address }, () => {
  logger.info('listening', { ...address, notifiers: Object.keys(notifiers) })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await health.drain({ timeoutMs: 5_000 })
    server.close()
    // What is being told ends; what waits is told after the next start.
    await alerts.close()
    await tracing.shutdown()
    await database.close()
    process.exit(0)
  })
}
