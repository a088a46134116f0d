/**
 * Prints the number of series and the memory after 10,000, 100,000 and 1,000,000 requests whose methods, paths,
 * headers, bodies and label values are all invented, and what that does to `@hono/prometheus` and prom-client.
 * The budget: flat.
 *
 *     node bench/growth.mjs
 *     bun bench/growth.mjs
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { prometheus } from '@hono/prometheus'
import { observe } from '@honoscope/core'
import { createMetrics, open } from '@honoscope/metrics'
import { Hono } from 'hono'
import { Counter, Registry } from 'prom-client'
import { isBun, progress, table } from './measure.mjs'

/** Collects all garbage, so that what is left is in use. */
const collectGarbage = isBun ? () => globalThis.Bun.gc(true) : nodeCollector()

function nodeCollector() {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}

/** MiB of heap in use. */
function heapMiB() {
  for (let i = 0; i < 3; i++) collectGarbage()
  return process.memoryUsage().heapUsed / 1024 ** 2
}

/**
 * A service whose handlers count a value that the client chose.
 *
 * @param {import('hono').MiddlewareHandler} middleware
 * @param {(value: string) => void} count
 */
const appWith = (middleware, count) =>
  new Hono()
    .use(middleware)
    .get('/users/:id', (c) => {
      count(c.req.header('x-tenant') ?? '')
      return c.json({ id: c.req.param('id') })
    })
    .post('/orders', async (c) => {
      count((await c.req.text()).slice(0, 40))
      return c.json({}, 201)
    })

/**
 * The n-th request. Of ten, three are GET of a route, two POST, two of no route, three of an unknown method (which
 * Bun's Request takes for GET).
 */
function requestOf(/** @type {number} */ n) {
  const headers = { 'x-tenant': `tenant-${n}`, [`x-invented-${n}`]: `value-${n}`, 'user-agent': `agent ${n}` }
  const kind = n % 10
  if (kind < 3) return new Request(`http://localhost/users/${n}?q=${n}`, { headers })
  if (kind < 5)
    return new Request('http://localhost/orders', {
      method: 'POST',
      headers,
      body: `invented-${n} ${'x'.repeat(n % 100)}`,
    })
  if (kind < 7) return new Request(`http://localhost/nowhere/${n}/${n * 7}`, { headers })
  return new Request(`http://localhost/users/${n}`, { method: `X${n.toString(36).toUpperCase()}`, headers })
}

function honoscope() {
  const metrics = createMetrics({ runtime: false })
  const counter = metrics.counter({ name: 'calls_total', help: 'Calls.', labels: { tenant: open(100) } })
  const app = appWith(observe(metrics.http()), (tenant) => counter.inc({ tenant }))
  // Apart, so that scrapes don't count themselves.
  const exposition = new Hono().get('/metrics', metrics.handler)
  return { app, text: async () => (await exposition.request('/metrics')).text() }
}

function peers() {
  const registry = new Registry()
  const counter = new Counter({ name: 'calls_total', help: 'Calls.', labelNames: ['tenant'], registers: [registry] })
  const app = appWith(prometheus({ registry }).registerMetrics, (tenant) => counter.inc({ tenant }))
  return { app, text: () => registry.metrics() }
}

/**
 * Sends requests until there were as many as each mark says, and tells what there is then.
 *
 * @param {string} name
 * @param {{ app: Hono, text: () => Promise<string> }} subject
 * @param {readonly number[]} marks
 */
async function grow(name, { app, text }, marks) {
  const rows = []
  let sent = 0
  for (const mark of marks) {
    progress(`growth: ${name}, ${mark} requests …`)
    for (; sent < mark; sent++) {
      await app.fetch(requestOf(sent))
    }
    const series = (await text()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
    rows.push([name, mark.toLocaleString('en'), series.toLocaleString('en'), heapMiB().toFixed(1)])
  }
  return rows
}

// With the light-weight objects that `@hono/node-server` puts in place of the platform's.
if (!isBun) (await import('@hono/node-server')).getRequestListener(() => new Response())

const ours = await grow('honoscope', honoscope(), [10_000, 100_000, 1_000_000])
// It keeps all of it: more of them would only take longer.
const theirs = await grow('@hono/prometheus and prom-client', peers(), [1_000, 10_000, 50_000])
const head = ['what', 'requests so far', 'series', 'heap in use, MiB']
table('Growth under invented methods, paths, headers, bodies and label values', head, [...ours, ...theirs])
