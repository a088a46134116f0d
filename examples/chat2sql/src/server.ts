/** Questions in, rows out: a model turns a question into SQL, which runs read-only; `chat2sql_*` is on `/metrics`. */
import type { AddressInfo } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import { serve } from '@hono/node-server'
import * as chat2sql from '@honoscope/ai-metrics-compat/chat2sql'
import { instrumentFetch } from '@honoscope/ai-metrics-compat/genai'
import { inFlight, observe } from '@honoscope/core'
import { dbMetrics, instrumentDrizzle } from '@honoscope/db-drizzle-instrumentation'
import { createHealth } from '@honoscope/health'
import { accessLog, createLogger } from '@honoscope/logging'
import { createMetrics } from '@honoscope/metrics'
import { createTracing } from '@honoscope/tracing'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/pglite'
import { Hono } from 'hono'

// Observability.
const logger = createLogger({ name: 'chat2sql' })
const metrics = createMetrics()
const tracing = await createTracing({ serviceName: 'chat2sql' })
const { tracer } = tracing
const requests = inFlight()
const recorders = chat2sql.createChat2SqlMetrics(metrics)
const events = chat2sql.createEventLog(logger)
const tracedQuery = chat2sql.createTracedQuery({ metrics: recorders, tracer, events })
const fetchModel = instrumentFetch(tracing.fetch, { metrics, tracer })

// PostgreSQL inside this process.
const postgres = new PGlite()
await postgres.exec(
  "create table orders (id serial primary key, item text); insert into orders (item) values ('tea'), ('jam')",
)
const db = instrumentDrizzle(drizzle(postgres), { metrics: dbMetrics(metrics), tracer })
const health = createHealth({ ready: { database: () => postgres.query('select 1') }, inFlight: requests })

// Stands for a model on this machine: it speaks OpenAI's format and knows three questions.
const model = 'fake-sql'
const answers: Readonly<Record<string, string>> = {
  'How many orders are there?': 'select count(*)::int as orders from orders',
  'Remove all orders': 'delete from orders',
  'What does it cost?': 'select price from orders',
}
const fakeModel = new Hono().post('/v1/chat/completions', async (c) => {
  const { messages } = await c.req.json<{ messages: readonly { content: string }[] }>()
  const content = answers[messages[0]?.content ?? ''] ?? 'select null as answer'
  const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }]
  return c.json({ model, choices, usage: { prompt_tokens: 12, completion_tokens: 9 } })
})
const modelServer = serve({ fetch: fakeModel.fetch, port: 0, hostname: '127.0.0.1' })
const modelUrl = () => `http://127.0.0.1:${(modelServer.address() as AddressInfo).port}/v1/chat/completions`

/** Asks the model for a statement. */
async function translate(question: string): Promise<string> {
  const startedAt = performance.now()
  const inference = { model, provider: 'local', prompt: question }
  const init = { method: 'POST', body: JSON.stringify({ model, messages: [{ role: 'user', content: question }] }) }
  const answer = await chat2sql.traceAiInference(tracer, inference, () => fetchModel(modelUrl(), init))
  const { choices } = (await answer.json()) as { choices: readonly { message: { content: string } }[] }
  const durationMs = performance.now() - startedAt
  recorders.recordAiInference(model, 'local', durationMs / 1000)
  events.aiInference({ ...inference, durationMs })
  return choices[0]?.message.content ?? ''
}

const app = new Hono()
app.use(observe(metrics.http(), tracing.http(), accessLog(logger), requests))
app.get('/metrics', metrics.handler)
app.route('/', health.routes())

const statements = new Map<string, string>()
const seen = { asked: 0, found: 0, rated: 0, right: 0, running: 0 }

app.post('/ask', async (c) => {
  const { question = '' } = await c.req.json<{ question?: string }>()
  const known = statements.get(question)
  seen.asked++
  if (known !== undefined) seen.found++
  recorders.updateCacheHitRate('memory', 'statements', seen.found / seen.asked)
  const statement = known ?? (await translate(question))
  if (statements.size < 1_000) statements.set(question, statement)
  recorders.updateDatabaseConnections('orders', 'pglite', ++seen.running)
  try {
    const run = (text: string) => db.transaction((tx) => tx.execute(sql.raw(text)), { accessMode: 'read only' })
    const { rows } = await tracedQuery(db, statement, (_, text) => run(text))
    return c.json({ sql: statement, rows })
  } catch (error) {
    const status = chat2sql.statusOf(error)
    if (status === 'rejected') events.securityEvent({ type: 'write_attempt', severity: 'medium' })
    return c.json({ sql: statement, error: status }, status === 'rejected' ? 403 : 422)
  } finally {
    recorders.updateDatabaseConnections('orders', 'pglite', --seen.running)
  }
})

/** The user says whether an answer was right. */
app.post('/feedback', async (c) => {
  const { right = false } = await c.req.json<{ right?: boolean }>()
  seen.rated++
  if (right) seen.right++
  recorders.updateAiAccuracy(model, '24h', seen.right / seen.rated)
  events.userAction({ action: 'answer_rated' })
  return c.body(null, 204)
})

const port = Number(process.env.PORT ?? 8082)
const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => logger.info('listening', { port }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await health.drain({ timeoutMs: 5_000 })
    for (const each of [server, modelServer]) each.close()
    await tracing.shutdown()
    await postgres.close()
    process.exit(0)
  })
}
