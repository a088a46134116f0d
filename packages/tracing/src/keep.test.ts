import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fakeCatalogue } from '@honoscope/testing'
import type { Span } from '@opentelemetry/api'
import { expect, it } from 'vitest'
import type { Engine } from './engine.ts'
import type { KeepOptions } from './options.ts'
import { createEngine } from './provider.ts'
import { readSettings } from './settings.ts'

async function start(keep: KeepOptions) {
  const exported: string[] = []
  const exporter = {
    export(spans: readonly { readonly name: string }[], done: (result: { code: number }) => void) {
      exported.push(...spans.map(({ name }) => name))
      done({ code: 0 })
    },
    shutdown: async () => undefined,
  }
  const metrics = fakeCatalogue()
  const options = { env: {}, exporter, metrics, samplingRatio: 0, keep }
  const settings = readSettings(options)
  if (settings === undefined) throw new Error('tracing is off')
  const on = await createEngine(settings, options)
  const sorted = async (): Promise<string[]> => {
    await on.flush(1000)
    return exported.sort()
  }
  return { on, exported: sorted, metrics }
}

const child = (on: Engine, parent: Span, name: string): Span =>
  on.tracer.startSpan(name, {}, on.api.trace.setSpan(on.api.ROOT_CONTEXT, parent))

function fail(on: Engine, span: Span): void {
  span.setStatus({ code: on.api.SpanStatusCode.ERROR })
  span.end()
}

/** Both runtimes have a collector to call, in a different place. */
function collectGarbage(): void {
  const bun: unknown = Reflect.get(globalThis, 'Bun')
  if (typeof bun === 'object' && bun !== null) {
    Reflect.get(bun, 'gc')(true)
    return
  }
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

it('exports an unsampled request with all of its spans when its first span ends with an error, and no other', async () => {
  const { on, exported, metrics } = await start({})
  for (const [name, failing] of [
    ['good', false],
    ['bad', true],
  ] as const) {
    const root = on.tracer.startSpan(name)
    expect([root.isRecording(), root.spanContext().traceFlags]).toEqual([true, 0])
    const inner = child(on, root, `${name} child`)
    child(on, inner, `${name} grandchild`).end()
    inner.end()
    const late = child(on, root, `${name} late`)
    if (failing) fail(on, root)
    else root.end()
    late.end()
  }
  expect(await exported()).toEqual(['bad', 'bad child', 'bad grandchild', 'bad late'])
  expect(await metrics.value('honoscope_tracing_kept_requests_total', 'error')).toBe(1)
  expect(await metrics.value('otel_sdk_span_started_total', 'RECORD_ONLY')).toBe(8)
})

it('an error of a child alone is no reason', async () => {
  const { on, exported } = await start({})
  const root = on.tracer.startSpan('root')
  fail(on, child(on, root, 'child'))
  root.end()
  expect(await exported()).toEqual([])
})

it('exports what was slow, and what failed only if it is asked to', async () => {
  const { on, exported, metrics } = await start({ errors: false, slowerThanMs: 500 })
  const at = Date.now()
  on.tracer.startSpan('slow', { startTime: at }).end(at + 501)
  on.tracer.startSpan('fast', { startTime: at }).end(at + 499)
  fail(on, on.tracer.startSpan('bad'))
  expect(await exported()).toEqual(['slow'])
  expect(await metrics.value('honoscope_tracing_kept_requests_total', 'slow')).toBe(1)
})

it('records two requests of one trace apart', async () => {
  const { on, exported } = await start({})
  const caller = { traceId: on.newTraceId(), spanId: on.newSpanId(), traceFlags: 0, isRemote: true }
  const context = on.api.trace.setSpanContext(on.api.ROOT_CONTEXT, caller)
  const good = on.tracer.startSpan('good', {}, context)
  const bad = on.tracer.startSpan('bad', {}, context)
  child(on, good, 'good child').end()
  child(on, bad, 'bad child').end()
  fail(on, bad)
  good.end()
  expect(await exported()).toEqual(['bad', 'bad child'])
})

it('records no more spans of a request than it may', async () => {
  const { on, exported } = await start({ maxSpansPerTrace: 3 })
  const root = on.tracer.startSpan('root')
  const children = Array.from({ length: 10 }, (_, i) => child(on, root, `child ${i}`))
  expect(children.filter((one) => one.isRecording())).toHaveLength(2)
  for (const one of children) one.end()
  fail(on, root)
  expect(await exported()).toEqual(['child 0', 'child 1', 'root'])
})

it('holds no more requests than it may: the oldest make room, and are counted', async () => {
  const { on, exported, metrics } = await start({ maxTraces: 2 })
  const [first, second, third] = ['first', 'second', 'third'].map((name) => on.tracer.startSpan(name))
  for (const span of [first, second, third]) if (span) fail(on, span)
  expect(await exported()).toEqual(['second', 'third'])
  expect(await metrics.value('honoscope_tracing_kept_requests_total', 'evicted')).toBe(1)
})

it('exports what has to make room and is slow already', async () => {
  const { on, exported } = await start({ maxTraces: 1, slowerThanMs: 20 })
  const slow = on.tracer.startSpan('slow')
  child(on, slow, 'child').end()
  await new Promise((resolve) => setTimeout(resolve, 30))
  on.tracer.startSpan('next').end()
  slow.end()
  expect(await exported()).toEqual(['child', 'slow'])
})

it('needs no more memory for any number of requests whose first span never ends', async () => {
  const { on } = await start({ maxTraces: 1000, maxSpansPerTrace: 10 })
  const abandon = (count: number): void => {
    for (let i = 0; i < count; i++) child(on, on.tracer.startSpan('abandoned'), 'child').end()
  }
  const heap = (): number => {
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  abandon(20_000)
  const before = heap()
  abandon(100_000)
  // Held, they would take above 100 MB.
  expect((heap() - before) / 2 ** 20).toBeLessThan(15)
}, 60_000)
