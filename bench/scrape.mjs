/**
 * Prints how long a scrape of 10,000 histogram children takes, and how long it holds the event loop at most, beside
 * prom-client in the same process. The budgets: 1/4 of its time, 10 ms.
 *
 *     node bench/scrape.mjs
 *     bun bench/scrape.mjs
 */
import { createMetrics, open } from '@honoscope/metrics'
import { Hono } from 'hono'
import { Histogram, Registry } from 'prom-client'
import { inTurn, median, table } from './measure.mjs'

const childCount = 10_000
const metrics = createMetrics({ runtime: false })
const registry = new Registry()
const ours = metrics.histogram({ name: 'duration_seconds', help: 'Duration.', labels: { table: open(childCount) } })
const theirs = new Histogram({
  name: 'duration_seconds',
  help: 'Duration.',
  labelNames: ['table'],
  registers: [registry],
})
for (let i = 0; i < childCount; i++) {
  ours.observe({ table: `table_${i}` }, (i % 700) / 100)
  theirs.observe({ table: `table_${i}` }, (i % 700) / 100)
}

const app = new Hono().get('/metrics', metrics.handler)
const theirApp = new Hono().get('/metrics', async (c) => c.text(await registry.metrics()))

/**
 * Reads a body piece by piece, as a connection does: to join 7 MB would hold the loop for longer than the scrape.
 *
 * @param {Response} response
 */
async function bytesOf({ body }) {
  let bytes = 0
  for await (const chunk of body ?? []) bytes += chunk.byteLength
  return bytes
}

/** @param {Record<string, string>} headers */
const scrape = (headers) => async () => bytesOf(await app.request('/metrics', { headers }))
const subjects = {
  'honoscope, classic text': scrape({}),
  'honoscope, OpenMetrics': scrape({ Accept: 'application/openmetrics-text; version=1.0.0' }),
  'honoscope, classic text, gzip': scrape({ 'Accept-Encoding': 'gzip' }),
  'prom-client, classic text': async () => bytesOf(await theirApp.request('/metrics')),
}

/**
 * Runs a scrape beside a loop of `setImmediate`, whose longest pause is how long the event loop was held.
 *
 * @param {() => Promise<number>} run
 */
async function observeLoop(run) {
  let last = performance.now()
  let held = 0
  let going = true
  const look = () => {
    const now = performance.now()
    held = Math.max(held, now - last)
    last = now
    if (going) setImmediate(look)
  }
  setImmediate(look)
  await new Promise((resolve) => setTimeout(resolve, 5))
  held = 0
  const started = performance.now()
  const bytes = await run()
  const took = performance.now() - started
  await new Promise((resolve) => setImmediate(resolve))
  going = false
  return { took, held, bytes }
}

const results = await inTurn(subjects, observeLoop, { rounds: 15, warmUp: 3 })
const baseline = median((results['prom-client, classic text'] ?? []).map(({ took }) => took))
const rows = Object.entries(results).map(([name, all]) => {
  const took = median(all.map((one) => one.took))
  const held = median(all.map((one) => one.held))
  const megabytes = (all[0]?.bytes ?? 0) / 1e6
  return [name, took.toFixed(1), held.toFixed(1), megabytes.toFixed(1), `1/${(baseline / took).toFixed(1)}`]
})
const head = ['what', 'ms', 'longest hold of the event loop, ms', 'MB', 'of prom-client']
table(`Scrape of ${childCount} histogram children`, head, rows)
