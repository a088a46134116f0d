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
import { serve } from '@honoscope/testing'
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
import { appWith, callOf, empty } from './in-process.mjs'
import { drive, tool } from './load.mjs'
import { costOf, cpuMs, inTurn, median, progress, table } from './measure.mjs'

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
 * What the process of a subject does: it measures slices of requests in process, and serves others over HTTP.
 *
 * @param {keyof typeof subjects} name
 */
async function subject(name) {
  const app = await subjects[name].app()
  const call = callOf(app)
  let told = 0
  process.on('message', async (message) => {
    if (message === 'totals') return process.send?.({ cpu: cpuMs() * 1e6, wall: 0, spans: exported })
    const cost = await costOf(call, calls, perTurn)
    process.send?.({ ...cost, spans: (exported - told) / calls })
    // What leaves between two slices belongs to the first.
    told = exported
  })
  process.on('disconnect', () => process.exit())
  const { url } = await serve(app.fetch)
  process.send?.(`${url}/users/1`)
}

/**
 * Starts the process of a subject.
 *
 * @param {string} name
 * @returns {Promise<{ url: string, ask(what: 'slice' | 'totals'): Promise<Slice>, stop(): void }>}
 */
async function start(name) {
  const child = fork(fileURLToPath(import.meta.url), [name])
  child.on('exit', (code) => {
    if (code !== 0) throw new Error(`${name} ended with ${code}`)
  })
  const next = () => new Promise((resolve) => child.once('message', resolve))
  const url = /** @type {string} */ (await next())
  const ask = (/** @type {string} */ what) => {
    child.send(what)
    return /** @type {Promise<Slice>} */ (next())
  }
  return { url, ask, stop: () => child.disconnect() }
}

/** @typedef {Awaited<ReturnType<typeof start>>} Subject */

const inProcess = (/** @type {Subject} */ { ask }) => ask('slice')

/** @type {(subject: Subject) => Promise<Slice>} */
async function overHttp({ url, ask }) {
  const before = await ask('totals')
  const { requests, perSecond } = await drive({ url, seconds: 1 })
  const after = await ask('totals')
  const of = (/** @type {'cpu' | 'spans'} */ what) => (after[what] - before[what]) / requests
  return { cpu: of('cpu'), wall: 1e9 / perSecond, spans: of('spans') }
}

/**
 * @param {string} title
 * @param {Record<string, Slice[]>} found
 */
function report(title, found) {
  /** @type {(name: string, what: 'cpu' | 'wall') => number} */
  const added = (name, what) => {
    const base = found[subjects[/** @type {keyof typeof subjects} */ (name)].above ?? name] ?? []
    // Neighbours of a round share its weather.
    return median((found[name] ?? []).map((one, i) => one[what] - (base[i]?.[what] ?? Number.NaN)))
  }
  const ofPeer = (/** @type {string} */ name) => {
    const peer = name.replace('+ tracing.http()', '@hono/otel')
    return peer === name || !(peer in found) ? '' : (added(name, 'cpu') / added(peer, 'cpu')).toFixed(2)
  }
  const rows = Object.entries(found).map(([name, all]) => {
    const cells = [median(all.map(({ cpu }) => cpu)), added(name, 'cpu'), added(name, 'wall')]
    // Spans leave in batches, and with many slices none.
    const spans = (all.reduce((sum, one) => sum + one.spans, 0) / all.length).toFixed(2)
    return [name, spans, ...cells.map((ns) => (ns / 1000).toFixed(1)), ofPeer(name)]
  })
  const units = ['a request, µs of CPU', 'added, µs of CPU', 'added, µs by the clock', 'of what the peer adds']
  table(title, ['app, and its share of sampled requests', 'spans a request', ...units], rows)
}

async function main() {
  const names = Object.keys(subjects)
  const started = await Promise.all(names.map(async (name) => [name, await start(name)]))
  /** @type {Record<string, Subject>} */
  const running = Object.fromEntries(started)
  progress('tracing, in process …')
  report('Tracing a request, in process', await inTurn(running, inProcess, { rounds: 41, warmUp: 12 }))
  progress('tracing, over HTTP …')
  report(
    `Tracing a request, over HTTP, 50 connections, ${tool}`,
    await inTurn(running, overHttp, { rounds: 7, warmUp: 1 }),
  )
  for (const { stop } of Object.values(running)) stop()
}

const [only] = process.argv.slice(2)
await (only === undefined ? main() : subject(/** @type {keyof typeof subjects} */ (only)))
