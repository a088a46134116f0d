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

const logger = createLogger({ name: 'chat2sql' })
const metrics = createMetrics()
const tracing = await createTracing({ serviceName: 'chat2sql' })
const requests = inFlight()
const recorders = chat2sql.createChat2SqlMetrics(metrics)
const events = chat2sql.createEventLog(logger)
const tracedQuery = chat2sql.createTracedQuery({ metrics: recorders, tracer: tracing.tracer, events })
const fetchModel = instrumentFetch(tracing.fetch, { metrics, tracer: tracing.tracer })
const postgres = new PGlite()
await postgres.exec(`create table orders (id serial primary key, item text); insert into orders (item) values ('tea'), ('jam');
  create role reader; grant select on orders to reader`)
const db = instrumentDrizzle(drizzle(postgres), { metrics: dbMetrics(metrics), tracer: tracing.tracer })
const health = createHealth({ ready: { database: () => postgres.query('select 1') }, inFlight: requests })

// Stands for a model on this machine: it speaks OpenAI's format and knows four questions.
const model = 'fake-sql'
const answers: Readonly<Record<string, string>> = {
  'How many orders are there?': 'select count(*)::int as orders from orders',
  'Remove all orders': 'delete from orders',
  'Save all orders': "copy orders to '/tmp/orders'",
  'What does it cost?': 'select price from orders',
}
const fakeModel = new Hono().post('/v1/chat/completions', async (c) => {
  const { messages } = await c.req.json<{ messages: readonly { content: string }[] }>()
  const content = answers[messages[0]?.content ?? '']
  if (content === undefined) return c.json({ error: { type: 'unknown_question' } }, 400)
  const usage = { prompt_tokens: 12, completion_tokens: 9 }
  return c.json({ model, choices: [{ finish_reason: 'stop', message: { role: 'assistant', content } }], usage })
})
const modelServer = serve({ fetch: fakeModel.fetch, port: 0, hostname: '127.0.0.1' })
const modelUrl = () => `http://127.0.0.1:${(modelServer.address() as AddressInfo).port}/v1/chat/completions`

/** Asks the model for a statement; rejects when it is not there or answers something else. */
async function translate(question: string): Promise<string | undefined> {
  const startedAt = performance.now()
  const inference = { model, provider: 'local', prompt: question }
  const init = { method: 'POST', body: JSON.stringify({ model, messages: [{ role: 'user', content: question }] }) }
  const answer = await chat2sql.traceAiInference(tracing.tracer, inference, () => fetchModel(modelUrl(), init))
  const { choices } = (await answer.json()) as { choices: readonly { message: { content: string } }[] }
  const statement = choices[0]?.message.content
  const durationMs = performance.now() - startedAt
  recorders.recordAiInference(model, 'local', durationMs / 1000)
  events.aiInference({ ...inference, durationMs })
  return statement
}

const app = new Hono()
app.use(observe(metrics.http(), tracing.http(), accessLog(logger), requests))
app.get('/metrics', metrics.handler)
app.route('/', health.routes())
const statements = new Map<string, string>()
const seen = { asked: 0, found: 0, rated: 0, right: 0, running: 0 }
/** Read-only alone lets COPY write files. A server wants `statement_timeout` too, for which PGlite has no clock. */
async function runReadOnly(_: unknown, text: string) {
  if (chat2sql.typeOfQuery(text) !== 'select') throw Object.assign(new Error('no query'), { code: '42501' })
  const role = sql`set local role reader`
  return db.transaction((tx) => tx.execute(role).then(() => tx.execute(sql.raw(text))), { accessMode: 'read only' })
}

app.post('/ask', async (c) => {
  const question: unknown = (await c.req.json().catch(() => undefined))?.question
  if (typeof question !== 'string') return c.json({ error: 'question must be a text' }, 400)
  const known = statements.get(question)
  seen.asked++
  if (known !== undefined) seen.found++
  recorders.updateCacheHitRate('memory', 'statements', seen.found / seen.asked)
  const statement = known ?? (await translate(question).catch(() => undefined))
  if (statement === undefined) return c.json({ error: 'the model gave no answer' }, 502)
  if (statements.size < 1_000) statements.set(question, statement)
  recorders.updateDatabaseConnections('orders', 'pglite', ++seen.running)
  try {
    const { rows } = await tracedQuery(db, statement, runReadOnly)
    return c.json({ sql: statement, rows })
  } catch (error) {
    const status = chat2sql.statusOf(error)
    if (status === 'rejected') events.securityEvent({ type: 'statement_rejected', severity: 'medium' })
    return c.json({ sql: statement, error: status }, status === 'rejected' ? 403 : 422)
  } finally {
    recorders.updateDatabaseConnections('orders', 'pglite', --seen.running)
  }
})

app.post('/feedback', async (c) => {
  const right = (await c.req.json().catch(() => undefined))?.right
  if (typeof right !== 'boolean') return c.json({ error: 'right must be true or false' }, 400)
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
