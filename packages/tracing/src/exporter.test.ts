import { readFileSync } from 'node:fs'
import { fakeCatalogue, until } from '@honoscope/testing'
import { type OtlpReceiver, startOtlpReceiver } from '@honoscope/testing/otlp-receiver'
import type { SpanContext } from '@opentelemetry/api'
import { afterEach, expect, it } from 'vitest'
import type { Engine } from './engine.ts'
import type { TracingOptions } from './options.ts'
import { createEngine } from './provider.ts'
import { readSettings } from './settings.ts'

const open: { shutdown?(ms: number): Promise<boolean>; stop?(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await (one.shutdown?.(100) ?? one.stop?.())
})

async function receiver(mode?: Parameters<OtlpReceiver['mode']>[0]): Promise<OtlpReceiver> {
  const started = await startOtlpReceiver(mode ? { mode } : {})
  open.push({ stop: () => started.stop() })
  return started
}

async function engine(options: TracingOptions): Promise<Engine> {
  const settings = readSettings({ env: {}, ...options })
  if (settings === undefined) throw new Error('tracing is off')
  const made = await createEngine(settings, options)
  open.push(made)
  return made
}

function spans(on: Engine, count: number, name = 'work'): void {
  for (let i = 0; i < count; i++) on.tracer.startSpan(name).end()
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

for (const protocol of ['http/json', 'http/protobuf'] as const) {
  for (const compression of ['gzip', 'none'] as const) {
    it(`exports by ${protocol}, compression ${compression}`, async () => {
      const to = await receiver()
      const headers = { Authorization: 'Bearer secret' }
      const on = await engine({ otlp: { endpoint: to.endpoint, protocol, compression, headers } })
      spans(on, 3)
      const flushed = await on.flush(5000)
      const [request] = to.requests
      expect(to.requests).toHaveLength(1)
      expect(request?.headers.authorization).toBe('Bearer secret')
      expect(request?.headers['content-encoding'] ?? 'none').toBe(compression)
      if (protocol === 'http/protobuf') {
        // The receiver reads JSON only; it says so with 4xx.
        expect(request?.headers['content-type']).toBe('application/x-protobuf')
        return
      }
      expect(flushed).toBe(true)
      expect(to.faults).toEqual([])
      expect(to.spans.map(({ name }) => name)).toEqual(['work', 'work', 'work'])
    })
  }
}

it('sends a batch as soon as it is full, the rest after the delay, and nothing inside the call that ends a span', async () => {
  const to = await receiver()
  const on = await engine({
    otlp: { endpoint: to.endpoint },
    batch: { maxExportBatchSize: 10, scheduleDelayMs: 300 },
  })
  spans(on, 25)
  expect(to.requests).toHaveLength(0)
  await to.waitForSpans(20)
  expect(to.spans).toHaveLength(20)
  await to.waitForSpans(25)
  expect(to.requests).toHaveLength(3)
  expect(to.faults).toEqual([])
})

it('keeps what does not fit into one batch after another, drops what the queue has no room for, and counts it', async () => {
  const to = await receiver('refuse')
  const metrics = fakeCatalogue()
  const on = await engine({
    otlp: { endpoint: to.endpoint },
    batch: { maxQueueSize: 20, maxExportBatchSize: 10, scheduleDelayMs: 0 },
    metrics,
  })
  spans(on, 1000)
  expect(await on.flush(2000)).toBe(false)
  expect(await metrics.value('otel_sdk_processor_span_queue_size')).toBe(20)
  expect(await metrics.value('otel_sdk_processor_span_queue_capacity')).toBe(20)
  expect(await metrics.value('otel_sdk_processor_span_processed_total', 'queue_full')).toBe(980)
  await to.mode('accept')
  // By itself, after a pause of a second at most.
  await to.waitForSpans(20)
  spans(on, 5, 'later')
  expect(await on.flush(5000)).toBe(true)
  expect(await metrics.value('otel_sdk_exporter_span_exported_total', '')).toBe(25)
  expect(await metrics.value('otel_sdk_span_started_total', 'RECORD_AND_SAMPLE')).toBe(1005)
  expect(to.faults).toEqual([])
})

for (const mode of ['hang', 'reset', { status: 503 }, { status: 429 }] as const) {
  it(`tries again and recovers: ${JSON.stringify(mode)}`, async () => {
    const to = await receiver(mode)
    const said: string[] = []
    const on = await engine({ otlp: { endpoint: to.endpoint, timeoutMs: 100 }, log: (message) => said.push(message) })
    spans(on, 3)
    expect(await on.flush(2000)).toBe(false)
    expect(to.requests.length).toBe(1)
    await to.mode('accept')
    await to.waitForSpans(3)
    expect(to.spans).toHaveLength(3)
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/^tracing: export failed: /)
  })
}

it('leaves a receiver alone for as long as it asks with Retry-After', async () => {
  const to = await receiver({ status: 429, retryAfter: 2 })
  const on = await engine({
    otlp: { endpoint: to.endpoint },
    batch: { maxExportBatchSize: 1, maxQueueSize: 50, scheduleDelayMs: 0 },
  })
  spans(on, 30)
  await until(() => to.requests.length > 0)
  await to.mode('accept')
  await pause(1500)
  spans(on, 5)
  expect(to.requests).toHaveLength(1)
  await to.waitForSpans(35)
})

it('gives a batch up after five attempts, so that newer spans get their turn', async () => {
  const metrics = fakeCatalogue()
  const to = await receiver({ status: 503, retryAfter: 0 })
  const on = await engine({ otlp: { endpoint: to.endpoint }, batch: { scheduleDelayMs: 0 }, metrics })
  spans(on, 2)
  await until(async () => (await metrics.value('otel_sdk_exporter_span_exported_total', 'unavailable')) === 2)
  expect(to.requests).toHaveLength(5)
  expect(metrics.observed('otel_sdk_exporter_operation_duration_seconds')).toEqual(Array(5).fill('unavailable'))
})

it('does not send again what was refused for good, or arrived with the answer cut off', async () => {
  const metrics = fakeCatalogue()
  const to = await receiver({ status: 400 })
  const on = await engine({ otlp: { endpoint: to.endpoint }, metrics })
  spans(on, 2)
  expect(await on.flush(2000)).toBe(false)
  expect(await metrics.value('otel_sdk_exporter_span_exported_total', 'rejected')).toBe(2)
  await to.mode('truncate')
  spans(on, 3)
  expect(await on.flush(2000)).toBe(true)
  await to.mode({ rejectedSpans: 1 })
  spans(on, 4)
  expect(await on.flush(2000)).toBe(false)
  expect(to.requests).toHaveLength(3)
  expect(await metrics.value('otel_sdk_exporter_span_exported_total', 'rejected')).toBe(3)
  expect(await metrics.value('otel_sdk_exporter_span_exported_total', '')).toBe(6)
})

it('flushes and shuts down within the deadline, whatever hangs', async () => {
  const to = await receiver('hang')
  const metrics = fakeCatalogue()
  const on = await engine({ otlp: { endpoint: to.endpoint }, metrics })
  spans(on, 3)
  const startedAt = performance.now()
  expect(await on.flush(100)).toBe(false)
  expect(await Promise.all([on.shutdown(100), on.shutdown(60_000)])).toEqual([false, false])
  expect(performance.now() - startedAt).toBeLessThan(2000)
  spans(on, 2)
  expect(await on.flush(100)).toBe(false)
  expect(await metrics.value('otel_sdk_processor_span_processed_total', 'already_shutdown')).toBe(5)
})

it('shutdown sends what waits', async () => {
  const to = await receiver()
  const on = await engine({ otlp: { endpoint: to.endpoint }, batch: { maxExportBatchSize: 2 } })
  spans(on, 5)
  expect(await on.shutdown(5000)).toBe(true)
  expect(to.spans).toHaveLength(5)
})

it('flush waits for what was ended before it, and not for what ends meanwhile', async () => {
  const to = await receiver({ delayMs: 50 })
  const on = await engine({ otlp: { endpoint: to.endpoint }, batch: { maxExportBatchSize: 5 } })
  spans(on, 12)
  let more = true
  const busy = (async () => {
    while (more) {
      spans(on, 1)
      await pause(5)
    }
  })()
  expect(await on.flush(5000)).toBe(true)
  expect(to.spans.length).toBeGreaterThanOrEqual(12)
  more = false
  await busy
})

it('goes on after an exporter that throws, fails or never answers', async () => {
  const metrics = fakeCatalogue()
  let calls = 0
  const exporter = {
    export(_: unknown, done: (result: { code: number }) => void) {
      calls++
      if (calls === 1) throw new Error('no')
      if (calls === 2) done({ code: 1 })
      if (calls === 4) done({ code: 0 })
    },
    shutdown: () => new Promise<void>(() => undefined),
  }
  const on = await engine({ exporter, metrics, batch: { exportTimeoutMs: 50, maxExportBatchSize: 1 } })
  spans(on, 3)
  await until(() => calls === 4)
  expect(await on.flush(5000)).toBe(true)
  expect(await metrics.value('otel_sdk_exporter_span_exported_total', 'failed')).toBe(2)
  expect(await metrics.value('otel_sdk_exporter_span_exported_total', '')).toBe(1)
  expect(await on.shutdown(1000)).toBe(true)
})

it('writes a line of JSON for each span when the console was asked for, to where the user says', async () => {
  const lines: string[] = []
  const on = await engine({ exporter: 'console', write: (line) => lines.push(line), serviceName: 'shop' })
  on.tracer.startSpan('work', { attributes: { size: 3 } }).end()
  expect(await on.flush(1000)).toBe(true)
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    name: 'work',
    kind: 'internal',
    attributes: { size: 3 },
    service: 'shop',
  })
})

it('writes 64-bit numbers as strings, and what JSON has no number for as the mapping says', async () => {
  const to = await receiver()
  const on = await engine({ otlp: { endpoint: to.endpoint }, resourceAttributes: { 'service.version': '1.2.3' } })
  const attributes = {
    int: 42,
    big: 2 ** 60,
    half: 0.5,
    nan: Number.NaN,
    up: Number.POSITIVE_INFINITY,
    list: ['a', 'b'],
  }
  const linked = on.tracer.startSpan('linked')
  const span = on.tracer.startSpan('work', {
    attributes,
    links: [{ context: linked.spanContext(), attributes: { n: 1 } }],
  })
  span.addEvent('seen', { at: 7 })
  span.recordException(new Error('no'))
  span.setStatus({ code: on.api.SpanStatusCode.ERROR, message: 'no' })
  span.end()
  expect(await on.flush(5000)).toBe(true)
  expect(to.faults).toEqual([])
  const [got] = to.spans
  expect(got?.attributes).toMatchObject({ int: 42, big: 2 ** 60, half: 0.5, list: ['a', 'b'] })
  expect(got?.links[0]).toMatchObject({ spanId: linked.spanContext().spanId, attributes: { n: 1 } })
  expect(got?.events.map(({ name }) => name)).toEqual(['seen', 'exception'])
  expect(got?.status).toEqual({ code: 'error', message: 'no' })
  expect(got?.resource).toMatchObject({ 'service.name': 'unknown_service', 'service.version': '1.2.3' })
})

it('holds to the limits of a span, and tells what it left out', async () => {
  const to = await receiver()
  const limits = { attributeCountLimit: 1, attributeValueLengthLimit: 3, eventCountLimit: 1, linkCountLimit: 1 }
  const on = await engine({ otlp: { endpoint: to.endpoint }, limits })
  const link = { context: on.tracer.startSpan('linked').spanContext() }
  const span = on.tracer.startSpan('work', { attributes: { a: 'abcdef', b: 1 }, links: [link, link] })
  span.addEvent('one').addEvent('two').end()
  expect(await on.flush(5000)).toBe(true)
  expect(to.faults).toEqual([])
  expect(to.spans[0]).toMatchObject({ attributes: { a: 'abc' }, dropped: { attributes: 1, events: 1, links: 1 } })
})

it('reads the environment that it is given, and not the process’s', async () => {
  const to = await receiver()
  const before = { ...process.env }
  Object.assign(process.env, {
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '0',
    OTEL_TRACES_SAMPLER: 'always_off',
    OTEL_SERVICE_NAME: 'ambient',
    OTEL_RESOURCE_ATTRIBUTES: 'ambient=yes',
    OTEL_EXPORTER_OTLP_HEADERS: 'ambient=yes',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  })
  try {
    const on = await engine({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: to.endpoint } })
    on.tracer.startSpan('work', { attributes: { a: 1 } }).end()
    expect(await on.flush(5000)).toBe(true)
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  }
  expect(to.spans[0]).toMatchObject({ attributes: { a: 1 }, resource: { 'service.name': 'unknown_service' } })
  expect(to.spans[0]?.resource).not.toHaveProperty('ambient')
  expect(to.requests[0]?.headers).not.toHaveProperty('ambient')
  expect(to.requests[0]?.headers).not.toHaveProperty('content-encoding')
})

it('goes on when the log and the catalogue throw', async () => {
  const to = await receiver({ status: 503 })
  const no = (): never => {
    throw new Error('no')
  }
  const broken = fakeCatalogue()
  const metrics = { ...broken, histogram: () => ({ observe: no, series: () => ({ observe: no }) }) }
  const on = await engine({ otlp: { endpoint: to.endpoint }, log: no, metrics, batch: { scheduleDelayMs: 0 } })
  spans(on, 3)
  await until(() => to.requests.length > 0)
  await to.mode('accept')
  await to.waitForSpans(3)
  expect(await on.flush(1000)).toBe(true)
})

it('exports what stands beside spans that nobody can write, and counts those', async () => {
  const to = await receiver()
  const metrics = fakeCatalogue()
  const on = await engine({ otlp: { endpoint: to.endpoint }, metrics })
  spans(on, 1, 'good')
  on.tracer.startSpan('links', { links: [{ context: {} as SpanContext }] }).end()
  on.tracer
    .startSpan('named')
    .updateName(undefined as unknown as string)
    .end()
  on.tracer.startSpan('timed', { startTime: new Date(-5000) }).end(new Date(Number.NaN))
  on.tracer.startSpan(on.tracer as unknown as string).end()
  on.tracer.startSpan(Object.create(null)).end()
  expect(await on.flush(5000)).toBe(false)
  expect(to.faults).toEqual([])
  expect(to.spans.map(({ name }) => name)).toEqual(['good', 'links', 'undefined', '[object Object]'])
  expect(await metrics.value('otel_sdk_exporter_span_exported_total', 'rejected')).toBe(2)
})

it("tells an exporter of the user's to let go of what it holds, and stops whatever its shutdown does", async () => {
  let flushed = 0
  const exporter = {
    export: (_: unknown, done: (result: { code: number }) => void) => done({ code: 0 }),
    forceFlush: async () => void flushed++,
    shutdown: (): Promise<void> => {
      throw new Error('no')
    },
  }
  const on = await engine({ exporter })
  spans(on, 1)
  expect(await on.flush(1000)).toBe(true)
  expect(flushed).toBe(1)
  expect(await on.shutdown(1000)).toBe(true)
})

it('names what the spans are made by, the SDK and this package, each with its version', async () => {
  const to = await receiver()
  const on = await engine({ otlp: { endpoint: to.endpoint } })
  spans(on, 1)
  on.startSampled?.('GET', 1, on.newTraceId(), undefined).end()
  expect(await on.flush(5000)).toBe(true)
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  for (const span of to.spans) {
    expect(span.scope).toMatchObject({ name: '@honoscope/tracing', version })
    expect(span.resource['telemetry.sdk.version']).toMatch(/^2\./)
  }
})
