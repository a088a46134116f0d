/** A collector that fails in every way costs spans, and nothing else. */
import { samplesOf, until } from '@honoscope/testing'
import { type OtlpMode, type OtlpReceiver, startOtlpReceiver } from '@honoscope/testing/otlp-receiver'
import { testDatabase } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChild } from './child.ts'
import { adminKey, type Node, startNode } from './support.ts'

const queueSize = 64

/** More than any request takes here, and much less than the patience of the exporter. */
const calmMs = 1_000

const modes: readonly (readonly [string, OtlpMode])[] = [
  ['is gone', 'refuse'],
  ['hangs', 'hang'],
  ['cuts connections', 'reset'],
  ['answers 429 with Retry-After', { status: 429, retryAfter: 1 }],
  ['answers 503 with Retry-After', { status: 503, retryAfter: 1 }],
  ['answers 400', { status: 400 }],
]

describe('while the collector', () => {
  let receiver: OtlpReceiver
  let node: Node
  beforeAll(async () => {
    receiver = await startOtlpReceiver()
    node = await startNode('embedded', {
      TOKMESH_TELEMETRY_TRACING_ENABLED: 'true',
      TOKMESH_TELEMETRY_TRACING_ENDPOINT: receiver.endpoint,
      TOKMESH_TELEMETRY_TRACING_SAMPLING_RATIO: '1',
      OTEL_BSP_MAX_QUEUE_SIZE: String(queueSize),
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '16',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_BSP_EXPORT_TIMEOUT: '1000',
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    })
  })
  afterAll(async () => {
    await node?.stop()
    await receiver?.stop()
  })

  /** What a family adds up to, but for what succeeded: that has an empty `error_type`. */
  const metric = async (name: string): Promise<number> => {
    const samples = samplesOf(await node.service.telemetry.metrics.render())
    const wanted = samples.filter(({ name: of, labels }) => of === name && labels.error_type !== '')
    return wanted.reduce((sum, { value }) => sum + value, 0)
  }

  /** Milliseconds of each of so many requests, one after the other. */
  const times = async (count: number): Promise<number[]> => {
    const found: number[] = []
    for (let i = 0; i < count; i++) {
      const startedAt = performance.now()
      expect((await node.call('GET', '/sessions', { key: adminKey })).status).toBe(200)
      found.push(performance.now() - startedAt)
    }
    return found.sort((a, b) => a - b)
  }

  it.each(modes)(
    '%s, requests are answered as ever, spans are dropped and counted, and it recovers',
    async (_, mode) => {
      await receiver.mode('accept')
      const calm = await times(100)
      const before = (await metric(failed)) + (await metric(dropped))
      await receiver.mode(mode)
      const troubled = await times(100)
      expect(troubled.at(-1)).toBeLessThan(calmMs)
      await until(async () => (await metric(failed)) + (await metric(dropped)) > before)
      expect(await metric(queued)).toBeLessThanOrEqual(queueSize)

      await receiver.mode('accept')
      receiver.clear()
      await until(async () => {
        await times(1)
        return receiver.spans.length > 0
      }, 15_000)
      expect(receiver.faults).toEqual([])
      process.stdout.write(`latency, troubled to calm: ${(median(troubled) / median(calm)).toFixed(2)}\n`)
    },
  )
})

describe('a process that is told to stop', () => {
  /** What becomes of a process that has spans waiting. */
  async function stopped(mode: OtlpMode) {
    const [receiver, database] = await Promise.all([startOtlpReceiver({ mode }), testDatabase()])
    const child = await startChild({
      DATABASE_URL: database.url,
      TOKMESH_STORAGE_DATA_DIR: 'memory://',
      TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
      TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s',
      TOKMESH_TELEMETRY_TRACING_ENABLED: 'true',
      TOKMESH_TELEMETRY_TRACING_ENDPOINT: receiver.endpoint,
      TOKMESH_TELEMETRY_TRACING_SAMPLING_RATIO: '1',
      OTEL_BSP_SCHEDULE_DELAY: '60000',
    })
    try {
      await child.ready()
      for (let i = 0; i < 5; i++) await child.call('GET', '/admin/v1/keys', { key: adminKey })
      const at = performance.now()
      expect(await child.kill('SIGTERM')).toBe(0)
      const sent = receiver.spans.filter(({ name }) => name === 'GET /admin/v1/keys').length
      return { sent, ms: performance.now() - at, out: child.stdout() }
    } finally {
      child.process.kill('SIGKILL')
      await receiver.stop()
      await database.drop()
    }
  }

  it('sends what waits before it ends', async () => {
    const { sent, out } = await stopped('accept')
    expect(sent).toBe(5)
    expect(out).not.toContain('the last spans')
  })

  it('ends in time when the collector hangs, and says what was lost', async () => {
    const { sent, ms, out } = await stopped('hang')
    expect(sent).toBe(0)
    expect(ms).toBeLessThan(8_000)
    expect(out).toContain('the last spans could not be sent')
  })
})

const dropped = 'otel_sdk_processor_span_processed_total'
const failed = 'otel_sdk_exporter_span_exported_total'
const queued = 'otel_sdk_processor_span_queue_size'

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0
