/**
 * Prints what a middleware adds to a request above an empty one, beside `@hono/prometheus` in the same process.
 * The budget of `observe(metrics.http())`, five metrics, is 1/5 of what the peer adds with its two.
 *
 *     node bench/observe.mjs
 *     bun bench/observe.mjs
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { prometheus } from '@hono/prometheus'
import { observe } from '@honoscope/core'
import { createMetrics } from '@honoscope/metrics'
import { Hono } from 'hono'
import { compare, isBun, median, table } from './measure.mjs'

/** @param {import('hono').MiddlewareHandler} middleware */
const appWith = (middleware) => new Hono().use(middleware).get('/users/:id', (c) => c.json({ id: c.req.param('id') }))

const apps = {
  'an empty middleware': appWith(async (_, next) => {
    await next()
  }),
  'observe() with an instrument that does nothing': appWith(observe({ name: 'nothing', end() {} })),
  'observe(metrics.http()), five metrics': appWith(observe(createMetrics({ runtime: false }).http())),
  '@hono/prometheus, two metrics': appWith(prometheus().registerMetrics),
}

/** Node's response without a network: it takes what the adapter would write, and has sent it at once. */
class DryResponse extends ServerResponse {
  get headersSent() {
    return true
  }
  get writableFinished() {
    return true
  }
  end() {
    return this
  }
}

/** @param {Hono} app */
const bunCall = (app) => {
  const request = new Request('http://localhost/users/1')
  return () => app.fetch(request)
}

/**
 * What `@hono/node-server` does with a request, but for parsing and sending.
 *
 * @param {Hono} app
 */
const nodeCall = (app) => {
  const incoming = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: '/users/1' })
  const request = new Request('http://localhost/users/1')
  return async () => {
    const outgoing = new DryResponse(incoming)
    // The adapter listens too.
    outgoing.on('close', adaptersOwn)
    await app.fetch(request, { incoming, outgoing })
    outgoing.end(body)
    outgoing.emit('close')
  }
}
const adaptersOwn = () => {}
const body = '{"id":"1"}'

// The adapter puts light-weight Request and Response objects in place of the platform's.
if (!isBun) (await import('@hono/node-server')).getRequestListener(() => new Response())
const subjects = Object.fromEntries(
  Object.entries(apps).map(([name, app]) => [name, (isBun ? bunCall : nodeCall)(app)]),
)

const found = await compare(subjects)
const base = found['an empty middleware'] ?? []
const peer = found['@hono/prometheus, two metrics'] ?? []
const rows = Object.entries(found).map(([name, slices]) => {
  // Neighbours of a round share its weather: differences and ratios are taken there, and medians of those.
  const added = slices.map(({ cpu }, i) => cpu - (base[i]?.cpu ?? 0))
  const ofPeer = added.map((ns, i) => ns / ((peer[i]?.cpu ?? 0) - (base[i]?.cpu ?? 0)))
  const cells = [
    median(slices.map(({ cpu }) => cpu)),
    median(added),
    median(slices.map(({ wall }, i) => wall - (base[i]?.wall ?? 0))),
  ]
  return [name, ...cells.map((ns) => ns.toFixed(0)), slices === base ? '' : median(ofPeer).toFixed(2)]
})
const head = ['middleware', 'request, ns of CPU', 'added, ns of CPU', 'added, ns by the clock', 'of what the peer adds']
table('One request through app.fetch()', head, rows)
