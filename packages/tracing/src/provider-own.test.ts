import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { expect, it } from 'vitest'
import { createTracing } from './index.ts'

it('makes its spans by a provider of the user’s, which stays the user’s to shut down', async () => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const tracing = await createTracing({ env: {}, provider })
  expect(tracing.enabled).toBe(true)
  await tracing.span('work', {}, () => tracing.tracer.startSpan('inner').end())
  expect(await tracing.shutdown()).toBe(true)
  const [inner, work] = exporter.getFinishedSpans()
  expect([inner?.name, work?.name]).toEqual(['inner', 'work'])
  expect(inner?.parentSpanContext?.spanId).toBe(work?.spanContext().spanId)
  provider.getTracer('of the user').startSpan('after').end()
  expect(exporter.getFinishedSpans()).toHaveLength(3)
})

it('takes a provider that can’t be flushed, or not in time, or rejects', async () => {
  const getTracer = new BasicTracerProvider().getTracer.bind(new BasicTracerProvider())
  const flush = async (forceFlush?: () => Promise<void>): Promise<boolean> => {
    const tracing = await createTracing({ env: {}, provider: forceFlush ? { getTracer, forceFlush } : { getTracer } })
    return tracing.flush(50)
  }
  expect(await flush()).toBe(true)
  expect(await flush(async () => undefined)).toBe(true)
  expect(await flush(() => Promise.reject(new Error('no')))).toBe(false)
  expect(await flush(() => new Promise(() => undefined))).toBe(false)
})
