/**
 * Prints what tracing adds to a request above the same app without it, beside `@hono/otel` with the same SDK, sampler
 * and processor. The budgets: 1/4 of what the peer adds at 10 % sampling, 1/2 at 100 %.
 *
 *     node bench/tracing.mjs
 *     bun bench/tracing.mjs
 *
 * Each app has a process of its own, and they measure in turn. In one process each would pay for the other's context:
 * one `AsyncLocalStorage` in use makes all promises of a Node 20 process dearer, those of the app without tracing too.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { httpInstrumentationMiddleware } from '@hono/otel'
import { observe } from '@honoscope/core'
import { createMetrics } from '@honoscope/metrics'
import { createTracing } from '@honoscope/tracing'
import { context, propagation } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import { appWith, caller, empty } from './in-process.mjs'
import { costOf, inTurn, isBun, median, progress, table } from './measure.mjs'

const rounds = 41
const warmUp = 12
const calls = 1500
/** Requests between two turns of the event loop, in which batches of spans leave. */
const perTurn = 50

let exported = 0
/** Where the spans of both sides end: nowhere. */
const drop = {
  /** @type {import('@opentelemetry/sdk-trace-base').SpanExporter['export']} */
  export(spans, done) {
    exported += spans.length
    done({ code: 0 })
  },
  shutdown: () => Promise.resolve(),
}

/** @param {number} ratio */
const peer = (ratio) => () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()]
  propagation.setGlobalPropagator(new CompositePropagator({ propagators }))
  const tracerProvider = new BasicTracerProvider({
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor(drop)],
  })
  return appWith(httpInstrumentationMiddleware({ tracerProvider, serviceName: 'bench' }))
}

const metrics = () => createMetrics({ runtime: false }).http()

/** @param {number} ratio */
const ours = (ratio) =>
  createTracing({ exporter: drop, sampler: 'parentbased_traceidratio', samplingRatio: ratio, serviceName: 'bench' })

/** Apps by name, each with what it is compared to. */
const subjects = {
  'an empty middleware': { app: () => appWith(empty), above: undefined },
  '@hono/otel, 10 %': { app: peer(0.1), above: 'an empty middleware' },
  '@hono/otel, 100 %': { app: peer(1), above: 'an empty middleware' },
  'observe(metrics.http())': { app: () => appWith(observe(metrics())), above: undefined },
  '+ tracing.http(), off': {
    app: async () => appWith(observe(metrics(), (await createTracing({ env: {} })).http())),
    above: 'observe(metrics.http())',
  },
  '+ tracing.http(), 10 %': {
    app: async () => appWith(observe(metrics(), (await ours(0.1)).http())),
    above: 'observe(metrics.http())',
  },
  '+ tracing.http(), 100 %': {
    app: async () => appWith(observe(metrics(), (await ours(1)).http())),
    above: 'observe(metrics.http())',
  },
}

/** @typedef {import('./measure.mjs').Cost & { spans: number }} Slice of one request */

/**
 * One slice of requests.
 *
 * @param {() => unknown} call
 * @returns {Promise<Slice>}
 */
async function slice(call) {
  const before = exported
  const cost = await costOf(call, calls, perTurn)
  return { ...cost, spans: (exported - before) / calls }
}

/**
 * Serves slices of one subject until the parent goes.
 *
 * @param {keyof typeof subjects} name
 * @param {import('./in-process.mjs').Way} way
 */
async function serveSlices(name, way) {
  const callOf = await caller(way)
  const call = callOf(await subjects[name].app())
  process.on('message', async () => process.send?.(await slice(call)))
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

/**
 * Starts the process of a subject; what it returns measures one slice.
 *
 * @param {string} name
 * @param {import('./in-process.mjs').Way} way
 * @returns {Promise<() => Promise<Slice>>}
 */
async function start(name, way) {
  const child = fork(fileURLToPath(import.meta.url), [name, way])
  child.on('exit', (code) => {
    if (code !== 0) throw new Error(`${name} ended with ${code}`)
  })
  const next = () => new Promise((resolve) => child.once('message', resolve))
  await next()
  children.push(child)
  return async () => {
    child.send('slice')
    return /** @type {Promise<Slice>} */ (next())
  }
}

/** @type {import('node:child_process').ChildProcess[]} */
const children = []

/** @param {import('./in-process.mjs').Way} way */
async function measure(way) {
  const names = /** @type {(keyof typeof subjects)[]} */ (Object.keys(subjects))
  const started = await Promise.all(names.map(async (name) => [name, await start(name, way)]))
  /** @type {Record<string, () => Promise<Slice>>} */
  const measured = Object.fromEntries(started)
  progress(`tracing, ${way}: ${rounds + warmUp} rounds of ${names.length} slices …`)
  const found = await inTurn(measured, (run) => run(), { rounds, warmUp })
  /** @type {(name: keyof typeof subjects, of: 'cpu' | 'wall') => number[]} */
  const added = (name, of) => {
    const base = found[subjects[name].above ?? name] ?? []
    // Neighbours of a round share its weather.
    return (found[name] ?? []).map((one, i) => one[of] - (base[i]?.[of] ?? Number.NaN))
  }
  const rows = names.map((name) => {
    const all = found[name] ?? []
    const rate = /\d+ %/.exec(name)?.[0]
    const rival =
      name.startsWith('+') && rate !== undefined
        ? median(added(/** @type {never} */ (`@hono/otel, ${rate}`), 'cpu'))
        : undefined
    const cells = [median(all.map(({ cpu }) => cpu)), median(added(name, 'cpu')), median(added(name, 'wall'))]
    return [
      name,
      median(all.map(({ spans }) => spans)).toFixed(2),
      ...cells.map((ns) => ns.toFixed(0)),
      rival === undefined ? '' : (median(added(name, 'cpu')) / rival).toFixed(2),
    ]
  })
  const head = [
    'app, and its share of sampled requests',
    'spans a request',
    'request, ns of CPU',
    'added, ns of CPU',
    'added, ns by the clock',
    'of what the peer adds',
  ]
  table(`Tracing a request, through ${ways[way]}`, head, rows)
  for (const child of children.splice(0)) child.disconnect()
}

const ways = { adapter: 'what @hono/node-server calls', fetch: 'app.fetch(Request)' }

const [only, how] = process.argv.slice(2)
if (only !== undefined) await serveSlices(/** @type {never} */ (only), /** @type {never} */ (how))
else {
  if (!isBun) await measure('adapter')
  await measure('fetch')
}
