/**
 * Prints what a middleware adds to a request above an empty one, beside `@hono/prometheus` in the same process.
 * The budget of `observe(metrics.http())`, five metrics, is 1/5 of what the peer adds with its two.
 *
 *     node bench/observe.mjs
 *     bun bench/observe.mjs
 */
import { prometheus } from '@hono/prometheus'
import { observe } from '@honoscope/core'
import { createMetrics } from '@honoscope/metrics'
import { appWith, callOf, empty } from './in-process.mjs'
import { compare, median, table } from './measure.mjs'

const apps = {
  'an empty middleware': appWith(empty),
  'observe() with an instrument that does nothing': appWith(observe({ name: 'nothing', end() {} })),
  'observe(metrics.http()), five metrics': appWith(observe(createMetrics({ runtime: false }).http())),
  '@hono/prometheus, two metrics': appWith(prometheus().registerMetrics),
}

const found = await compare(Object.fromEntries(Object.entries(apps).map(([name, app]) => [name, callOf(app)])))
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
