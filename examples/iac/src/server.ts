/** An IaC platform in one file: tasks are dispatched to a pool of agents, and every `iac_*` metric is on `/metrics`. */
import { PGlite } from '@electric-sql/pglite'
import { serve } from '@hono/node-server'
import * as ai from '@honoscope/ai-metrics-compat'
import { createIacMetrics } from '@honoscope/ai-metrics-compat/iac'
import { inFlight, observe } from '@honoscope/core'
import { dbMetrics, instrumentDrizzle, watchPool } from '@honoscope/db-drizzle-instrumentation'
import { createHealth } from '@honoscope/health'
import { accessLog, createLogger } from '@honoscope/logging'
import { createMetrics } from '@honoscope/metrics'
import { createTracing } from '@honoscope/tracing'
import { eq } from 'drizzle-orm'
import { pgTable, serial, text } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/pglite'
import { type Context, Hono } from 'hono'

// Observability: the names are those that the platform's dashboards know.
const logger = createLogger({ name: 'iac' })
const metrics = createMetrics({ prefix: 'iac_' })
const tracing = await createTracing({ serviceName: 'iac' })
const requests = inFlight()
const iac = createIacMetrics(metrics)
ai.useMetrics(metrics)
const database = dbMetrics(metrics, { operations: 'crud' })

// PostgreSQL inside this process: one connection, for which statements wait in line.
const postgres = new PGlite()
await postgres.exec('create table tasks (id serial primary key, pool text, type text, status text)')
const tasks = pgTable('tasks', { id: serial().primaryKey(), pool: text(), type: text(), status: text() })
const db = instrumentDrizzle(drizzle(postgres), { metrics: database, tracer: tracing.tracer })
let queries = 0
const query = async <T>(work: PromiseLike<T>): Promise<T> => {
  queries++
  return await Promise.resolve(work).finally(() => queries--)
}
watchPool(() => ({ open: postgres.closed ? 0 : 1, max: 1, waiting: Math.max(0, queries - 1) }), { metrics: database })
const health = createHealth({ ready: { database: () => postgres.query('select 1') }, inFlight: requests })

const app = new Hono()
app.use(observe(metrics.http(), tracing.http(), accessLog(logger), requests))
app.get('/metrics', metrics.handler)
app.route('/', health.routes())

/** A member of a JSON body if it has the type of `otherwise`, and that if not: of a body that is no JSON, too. */
async function member<T>(c: Context, name: string, otherwise: T): Promise<T> {
  const value = (await c.req.json().catch(() => undefined))?.[name]
  return typeof value === typeof otherwise ? value : otherwise
}

/** Gives a task to a pool; an agent of it does the work after the response. */
app.post('/tasks', async (c) => {
  const [pool, type] = [await member(c, 'pool', 'default'), await member(c, 'type', 'plan')]
  const [task] = await query(db.insert(tasks).values({ pool, type, status: 'running' }).returning())
  iac.taskDispatched(pool)
  if (task !== undefined) void tracing.detach('agent.run', () => runByAgent(task.id, pool, type))
  return c.json(task, 202)
})

app.get('/tasks/:id', async (c) => {
  const id = Math.min(Number(c.req.param('id')) || 0, 2 ** 31 - 1)
  const [task] = await query(db.select().from(tasks).where(eq(tasks.id, id)))
  return task === undefined ? c.json({ error: 'no such task' }, 404) : c.json(task)
})

async function runByAgent(id: number, pool: string, type: string): Promise<void> {
  const timer = ai.newTimer()
  // Where a real agent runs Terraform.
  const status = type === 'drift_check' ? 'drifted' : 'success'
  if (status === 'drifted') iac.driftDetected()
  await query(db.update(tasks).set({ status }).where(eq(tasks.id, id)))
  iac.taskFinished(pool, status)
  iac.taskCompleted(type, status, timer.elapsedMs() / 1000)
}

/** A pool says how many of its agents are there. */
app.put('/pools/:pool', async (c) => {
  iac.agentConnections(c.req.param('pool'), 'connected', await member(c, 'connected', 0))
  return c.body(null, 204)
})

app.post('/login', async (c) => {
  const status = (await member(c, 'password', '')) === '' ? 'failure' : 'success'
  iac.login('password', status)
  if (status === 'success') iac.tokenIssued('session')
  return c.json({ status }, status === 'success' ? 200 : 401)
})

/** Fills a form by AI, as the code that is ported does: here each step takes no time and is only recorded. */
app.post('/forms', (c) => {
  const timer = ai.newTimer()
  ai.setActiveParallelTasks(2)
  ai.recordVectorSearchDuration('aws_vpc', 'embed', timer.elapsedMs())
  ai.incVectorSearchCount('aws_vpc', true)
  ai.recordCMDBAssessment(true, 1, 'ai', timer.elapsedMs())
  ai.incCMDBQueryCount('aws_vpc', true, 2)
  ai.recordParallelExecutionDuration('cmdb_query', 'success', timer.elapsedMs())
  ai.setActiveParallelTasks(0)
  ai.recordDomainSkillSelection(3, 'ai', timer.elapsedMs())
  ai.recordSkillAssemblyDuration('form_generation', 3, timer.elapsedMs())
  ai.recordAITokens('openai', 'input', 812)
  ai.recordAITokens('openai', 'output', 96)
  ai.incAICallCount('form_generation', 'success')
  ai.recordAICallDuration('form_generation', 'total', timer.elapsedMs())
  return c.json({ cidr_block: '10.0.0.0/16' })
})

const port = Number(process.env.PORT ?? 8081)
const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => logger.info('listening', { port }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await health.drain({ timeoutMs: 5_000 })
    server.close()
    await tracing.shutdown()
    await postgres.close()
    process.exit(0)
  })
}
