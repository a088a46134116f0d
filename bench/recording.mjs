/**
 * Prints what one labelled observation costs, in nanoseconds, beside prom-client in the same process.
 * The budget is 40 ns.
 *
 *     node bench/recording.mjs
 *     bun bench/recording.mjs
 */
import { createMetrics, open } from '@honoscope/metrics'
import { Counter, Histogram, Registry } from 'prom-client'
import { compare, median, table } from './measure.mjs'

const methods = /** @type {const} */ (['GET', 'POST', 'PUT', 'DELETE'])
const routes = Array.from({ length: 32 }, (_, i) => `/resource-${i}/:id`)
const statuses = /** @type {const} */ (['200', '201', '404', '500'])
const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

const metrics = createMetrics({ runtime: false })
const registry = new Registry()
const ours = {
  counter: metrics.counter({
    name: 'calls_total',
    help: 'Calls.',
    labels: { method: methods, status: statuses },
  }),
  histogram: metrics.histogram({
    name: 'duration_seconds',
    help: 'Duration.',
    labels: { method: methods, route: open(200), status: statuses },
    buckets,
  }),
}
const theirs = {
  counter: new Counter({
    name: 'calls_total',
    help: 'Calls.',
    labelNames: ['method', 'status'],
    registers: [registry],
  }),
  histogram: new Histogram({
    name: 'duration_seconds',
    help: 'Duration.',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers: [registry],
  }),
}
const series = ours.histogram.series({ method: 'GET', route: '/resource-0/:id', status: '200' })
const child = theirs.histogram.labels('GET', '/resource-0/:id', '200')

/** Labels change with each call, as they do in a service; the object is made anew, as it is written in one. */
const at = (/** @type {number} */ i) => ({
  method: methods[i & 3] ?? 'GET',
  route: routes[i & 31] ?? '',
  status: statuses[(i >> 2) & 3] ?? '200',
})

/** Observations in one timed call: many, so that asking for the time costs nothing. */
const batch = 20_000

/** @param {(i: number) => void} record */
const times = (record) => () => {
  for (let i = 0; i < batch; i++) record(i)
}

const cases = {
  'counter, two closed labels': {
    honoscope: times((i) =>
      ours.counter.inc({ method: methods[i & 3] ?? 'GET', status: statuses[(i >> 2) & 3] ?? '200' }),
    ),
    'prom-client': times((i) =>
      theirs.counter.inc({ method: methods[i & 3] ?? 'GET', status: statuses[(i >> 2) & 3] ?? '200' }),
    ),
  },
  'histogram, three labels, one of them open': {
    honoscope: times((i) => ours.histogram.observe(at(i), (i & 1023) / 1000)),
    'prom-client': times((i) => theirs.histogram.observe(at(i), (i & 1023) / 1000)),
  },
  'histogram, series resolved before': {
    honoscope: times((i) => series.observe((i & 1023) / 1000)),
    'prom-client': times((i) => child.observe((i & 1023) / 1000)),
  },
}

const rows = []
for (const [name, subjects] of Object.entries(cases)) {
  const found = await compare(subjects, { calls: 1, slices: 41, warmUp: 9 })
  const nsOf = (/** @type {'honoscope' | 'prom-client'} */ subject) =>
    median((found[subject] ?? []).map(({ cpu }) => cpu / batch))
  const [mine, other] = [nsOf('honoscope'), nsOf('prom-client')]
  rows.push([name, mine.toFixed(1), other.toFixed(1), `1/${(other / mine).toFixed(1)}`])
}
table('Recording one observation, ns of CPU', ['what', 'honoscope', 'prom-client', 'ratio'], rows)
