import { gzipSync } from 'node:zlib'
import { type Attributes, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, describe, expect, it } from 'vitest'
import { type OtlpReceiver, type OtlpReceiverOptions, startOtlpReceiver } from './otlp-receiver.ts'

let receiver: OtlpReceiver
const start = async (options?: OtlpReceiverOptions) => {
  receiver = await startOtlpReceiver(options)
  return receiver
}
afterEach(() => receiver.stop())

const ids = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' }
const times = { startTimeUnixNano: '1544712660000000000', endTimeUnixNano: '1544712660000000001' }
const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...ids, ...times, name: 'n' }] }] }] })
const json = { 'content-type': 'application/json' }
const post = (sent: BodyInit = body, headers: Record<string, string> = json) =>
  fetch(receiver.url, { method: 'POST', headers, body: sent })

type Compression = `${CompressionAlgorithm}`

// `rejects` of Bun's test runner takes the rejection of a connection that was reset for none.
const fate = (sent: Promise<unknown>): Promise<'answered' | 'cut'> =>
  sent.then(
    () => 'answered',
    () => 'cut',
  )

/** A tracer of the stock SDK over the stock exporter, as an application would set them up. */
function stock(compression: Compression) {
  const exporter = new OTLPTraceExporter({ url: receiver.url, compression: compression as CompressionAlgorithm })
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  })
  return { tracer: provider.getTracer('stock', '1.2'), stop: () => provider.shutdown() }
}

function makeSpans(compression: Compression, attributes: Attributes): Promise<void> {
  const { tracer, stop } = stock(compression)
  const parent = trace.setSpanContext(ROOT_CONTEXT, { ...ids, traceFlags: TraceFlags.SAMPLED, isRemote: true })
  const span = tracer.startSpan('GET /users/:id', { kind: SpanKind.SERVER, attributes }, parent)
  span.addEvent('retry', { attempt: 1 })
  span.addLink({ context: { ...ids, traceFlags: TraceFlags.SAMPLED }, attributes: { why: 'detached' } })
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' })
  span.end()
  tracer.startSpan('root').end()
  return stop()
}

describe('startOtlpReceiver with the stock exporter', () => {
  for (const compression of ['none', 'gzip'] as const) {
    it(`decodes what it sends, compression ${compression}`, async () => {
      await start()
      await makeSpans(compression, { text: 'a', whole: 7, real: 1.5, truth: true, list: ['a', 'b'] })
      const [server, root] = await receiver.waitForSpans(2)
      expect(receiver.faults).toEqual([])
      expect(server).toMatchObject({
        traceId: ids.traceId,
        parentSpanId: ids.spanId,
        name: 'GET /users/:id',
        kind: 'server',
        attributes: { text: 'a', whole: 7, real: 1.5, truth: true, list: ['a', 'b'] },
        events: [{ name: 'retry', attributes: { attempt: 1 } }],
        links: [{ ...ids, attributes: { why: 'detached' } }],
        status: { code: 'error', message: 'no' },
        flags: 0x301,
        dropped: { attributes: 0, events: 0, links: 0 },
        resource: { 'service.name': 'shop' },
        scope: { name: 'stock', version: '1.2' },
      })
      expect(server?.endNano).toBeGreaterThanOrEqual(server?.startNano ?? 0n)
      expect(root).toMatchObject({ name: 'root', kind: 'internal', parentSpanId: undefined })
      const [request] = receiver.requests
      expect(request?.spans).toBe(2)
      expect(request?.compression).toBe(compression === 'gzip' ? 'gzip' : undefined)
      expect(request?.bytes).toBeGreaterThan(200)
      expect(request?.headers['user-agent']).toContain('OTel-OTLP-Exporter-JavaScript/0.223.1')
    })
  }

  // Regressions of the exporter would be noticed here, and so would its repairs.
  it('finds that it writes whole numbers as numbers, and NaN as null', async () => {
    await start({ strict: true })
    // The SDK tells of the refusal.
    await makeSpans('none', { whole: 7, none: Number.NaN, huge: 1e21 }).catch(() => {})
    expect(receiver.faults.map((fault) => fault.replace(/^.*spans\[0\]\./, ''))).toEqual([
      'attributes[0].value.intValue: a number, not a decimal string',
      'attributes[1].value.doubleValue: not a number, "NaN", "Infinity" or "-Infinity"',
      'attributes[2].value.intValue: a number that no double holds exactly',
      'events[0].attributes[0].value.intValue: a number, not a decimal string',
    ])
    expect(receiver.spans).toEqual([])
  })
})

describe('startOtlpReceiver answers', () => {
  it('accepts with {} as JSON', async () => {
    await start()
    const response = await post()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({})
    expect(receiver.spans).toHaveLength(1)
  })

  for (const [name, sent, headers, status, fault] of [
    ['protobuf', body, { 'content-type': 'application/x-protobuf' }, 415, 'content-type application/x-protobuf is not'],
    [
      'an encoding that it does not know',
      body,
      { ...json, 'content-encoding': 'br' },
      415,
      'content-encoding br is not',
    ],
    ['gzip that is none', body, { ...json, 'content-encoding': 'gzip' }, 400, 'not what its content-encoding says'],
    ['half a body', body.slice(0, 50), json, 400, 'the body is not JSON'],
    ['a fault of the mapping', body.replace(ids.spanId, 'AA=='), json, 400, 'spanId: not 16 lower-case hex digits'],
    ['a fault in gzip', gzipSync('{"a":1}'), { ...json, 'content-encoding': 'gzip' }, 400, 'a: unknown key'],
  ] as const) {
    it(`refuses ${name}`, async () => {
      await start()
      const response = await post(sent, headers)
      expect(response.status).toBe(status)
      expect(await response.json()).toMatchObject({ message: expect.stringContaining(fault) })
      expect(receiver.faults.join()).toContain(fault)
      expect(receiver.spans).toEqual([])
      expect(receiver.requests).toHaveLength(1)
    })
  }

  it('refuses other paths and methods', async () => {
    await start()
    expect((await fetch(`${receiver.endpoint}/v1/logs`, { method: 'POST', headers: json, body })).status).toBe(404)
    expect((await fetch(receiver.url)).status).toBe(405)
    expect(receiver.faults).toEqual(['path /v1/logs is not /v1/traces', 'method GET is not POST'])
  })

  it('answers a status, with Retry-After in seconds or as a date', async () => {
    await start({ mode: { status: 429, retryAfter: 3 } })
    const first = await post()
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '3'])
    await receiver.mode({ status: 503, retryAfter: new Date('2030-01-01T00:00:00Z') })
    const second = await post()
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, 'Tue, 01 Jan 2030 00:00:00 GMT'])
    await receiver.mode({ status: 400 })
    const third = await post()
    expect([third.status, third.headers.get('retry-after')]).toEqual([400, null])
    expect(receiver.spans).toEqual([])
    expect(receiver.requests.map(({ spans }) => spans)).toEqual([1, 1, 1])
    expect(receiver.faults).toEqual([])
  })

  it('rejects some of the spans', async () => {
    await start({ mode: { rejectedSpans: 1 } })
    expect(await (await post()).json()).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: 'told to reject' },
    })
  })

  it('answers late', async () => {
    await start({ mode: { delayMs: 100 } })
    const started = performance.now()
    expect((await post()).status).toBe(200)
    expect(performance.now() - started).toBeGreaterThan(95)
  })

  it('hangs, and serves others again', async () => {
    await start({ mode: 'hang' })
    const held = fate(post())
    while (receiver.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await receiver.mode('accept')
    expect((await post()).status).toBe(200)
    expect(await Promise.race([held, 'held'])).toBe('held')
    expect(receiver.spans).toHaveLength(1)
    await receiver.stop()
    expect(await held).toBe('cut')
  })

  it('cuts the connection before an answer', async () => {
    await start({ mode: 'reset' })
    expect(await fate(post())).toBe('cut')
    expect(receiver.requests.length).toBeGreaterThan(0)
    expect(receiver.spans).toEqual([])
  })

  it('cuts the connection within its answer', async () => {
    await start({ mode: 'truncate' })
    const response = await post()
    expect(response.status).toBe(200)
    expect(await fate(response.text())).toBe('cut')
    expect(receiver.spans).toHaveLength(1)
  })

  it('closes its port and comes back on it', async () => {
    await start()
    const { port } = receiver
    await post()
    await receiver.mode('refuse')
    expect(await fate(post())).toBe('cut')
    await receiver.mode('accept')
    expect((await post()).status).toBe(200)
    await receiver.stop()
    await start({ port, mode: 'refuse' })
    expect(await fate(post())).toBe('cut')
    await receiver.mode('accept')
    expect((await post()).status).toBe(200)
  })

  it('rejects a port that is taken', async () => {
    const { port } = await start()
    await expect(startOtlpReceiver({ port })).rejects.toThrow(/EADDRINUSE|in use/)
  })
})

describe('waitForSpans', () => {
  it('waits for a predicate, and says what came instead', async () => {
    await start()
    await post()
    expect(await receiver.waitForSpans((spans) => spans.some(({ name }) => name === 'n'))).toHaveLength(1)
    const waiting = receiver.waitForSpans(2)
    await post()
    expect(await waiting).toHaveLength(2)
    await post('{"a":1}')
    await expect(receiver.waitForSpans(3, 20)).rejects.toThrow(
      '3 spans have not come in 20 ms; here are: n, n; faults: a: unknown key',
    )
    receiver.clear()
    expect([receiver.spans, receiver.requests, receiver.faults]).toEqual([[], [], []])
  })
})
