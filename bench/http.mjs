/**
 * Prints the throughput of a small Hono app over real HTTP, bare and with metrics, beside `@hono/prometheus`.
 * The budget: at least 97 % of the bare app's.
 *
 *     node bench/http.mjs
 *     bun bench/http.mjs
 */
import { prometheus } from '@hono/prometheus'
import { observe } from '@honoscope/core'
import { createMetrics } from '@honoscope/metrics'
import { serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { drive, tool } from './load.mjs'
import { cpuMs, inTurn, median, progress, table } from './measure.mjs'

const rounds = 7
const seconds = 1

/** @param {readonly import('hono').MiddlewareHandler[]} middleware */
const appWith = (...middleware) => {
  const app = new Hono()
  for (const each of middleware) app.use(each)
  return app.get('/users/:id', (c) => c.json({ id: c.req.param('id') }))
}
const apps = {
  'bare Hono': appWith(),
  // Hono answers without its chain where there is no middleware at all: this is what the first one costs.
  'an empty middleware': appWith(async (_, next) => {
    await next()
  }),
  'observe(metrics.http())': appWith(observe(createMetrics({ runtime: false }).http())),
  '@hono/prometheus': appWith(prometheus().registerMetrics),
}

const servers = await Promise.all(Object.entries(apps).map(async ([name, app]) => [name, await serve(app.fetch)]))
/** @type {Record<string, import('@honoscope/testing').Served>} */
const served = Object.fromEntries(servers)
progress(`http: ${rounds + 1} rounds of ${servers.length} s …`)

const results = await inTurn(
  served,
  async ({ url }) => {
    const cpuStarted = cpuMs()
    const { perSecond, requests, p99Ms } = await drive({ url: `${url}/users/1`, seconds })
    return { perSecond, p99Ms, cpuUs: ((cpuMs() - cpuStarted) * 1000) / requests }
  },
  { rounds, warmUp: 1 },
)
await Promise.all(Object.values(served).map(({ stop }) => stop()))

const bare = results['bare Hono'] ?? []
const rows = Object.entries(results).map(([name, all]) => {
  const of = all.map(({ perSecond }, i) => perSecond / (bare[i]?.perSecond ?? Number.NaN))
  const cpuOf = all.map(({ cpuUs }, i) => (bare[i]?.cpuUs ?? Number.NaN) / cpuUs)
  const percent = (/** @type {number[]} */ ratios) => `${(median(ratios) * 100).toFixed(1)} %`
  return [
    name,
    median(all.map(({ perSecond }) => perSecond)).toFixed(0),
    percent(of),
    median(all.map(({ cpuUs }) => cpuUs)).toFixed(1),
    percent(cpuOf),
    median(all.map(({ p99Ms }) => p99Ms)).toFixed(2),
  ]
})
const head = ['app', 'requests/s', 'of bare', 'CPU a request, µs', 'of bare, by CPU', 'P99, ms']
table(`Throughput over HTTP, 50 connections, ${tool}`, head, rows)
process.exit()
