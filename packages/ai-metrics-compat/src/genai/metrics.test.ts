import { currentScope, runInScope } from '@honoscope/core'
import { createMetrics } from '@honoscope/metrics'
import { expositionFaults, fakeTime, hasPromtool, promtoolComplaints, samplesOf } from '@honoscope/testing'
import type { Span } from '@opentelemetry/api'
import { describe, expect, it } from 'vitest'
import { conversations, requestOf } from '../../test/genai/conversations.ts'
import { type RecordingTracer, recordingTracer } from '../../test/genai/recorder.ts'
import { instrumentFetch } from '../genai.ts'

const found = conversations.find(({ name }) => name === 'openai chat completions, streamed')
if (found === undefined) throw new Error('the conversation is gone')
const conversation = found

/** Answers after 280 ms, with an event each 20 ms; the connection ends 100 ms after [DONE], which is the end for us. */
async function observe(tracer?: RecordingTracer) {
  const time = fakeTime()
  const metrics = createMetrics({ runtime: false, prefix: 'shop_' })
  const events = conversation.response.split(/(?<=\n\n)/)
  const encoder = new TextEncoder()
  const base = async (_url: string, _init: RequestInit) => {
    time.pass(280)
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          time.pass(events.length === 0 ? 100 : 20)
          const event = events.shift()
          if (event === undefined) controller.close()
          else controller.enqueue(encoder.encode(event))
        },
      },
      { highWaterMark: 0 },
    )
    return new Response(body, { headers: { 'Content-Type': conversation.contentType } })
  }
  const fetch = instrumentFetch(base, {
    metrics,
    clock: time.monotonic,
    prices: { 'gpt-4o': { input: 1, output: 2 } },
    ...(tracer && { tracer }),
  })
  await (await fetch(`https://api.openai.com${conversation.path}`, requestOf(conversation))).text()
  return metrics
}

describe('the metrics', () => {
  it('have the names, labels and bounds of the conventions', async () => {
    const text = await (await observe()).render()
    const families = text.split('\n').filter((line) => line.startsWith('# TYPE gen_ai'))
    expect(families).toEqual([
      '# TYPE gen_ai_client_operation_duration_seconds histogram',
      '# TYPE gen_ai_client_token_usage histogram',
      '# TYPE gen_ai_client_operation_time_to_first_chunk_seconds histogram',
      '# TYPE gen_ai_client_operation_time_per_output_chunk_seconds histogram',
      '# TYPE gen_ai_client_cost_total counter',
    ])
    const samples = samplesOf(text)
    const bounds = (name: string) => [
      ...new Set(samples.filter((sample) => sample.name === `${name}_bucket`).map(({ labels }) => labels.le)),
    ]
    const seconds = '0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 +Inf'.split(' ')
    expect(bounds('gen_ai_client_operation_duration_seconds')).toEqual(seconds)
    expect(bounds('gen_ai_client_operation_time_to_first_chunk_seconds')).toEqual(seconds)
    expect(bounds('gen_ai_client_operation_time_per_output_chunk_seconds')).toEqual(seconds)
    expect(bounds('gen_ai_client_token_usage')).toEqual(
      '1 4 16 64 256 1024 4096 16384 65536 262144 1048576 4194304 16777216 67108864 +Inf'.split(' '),
    )
    const labels = {
      gen_ai_operation_name: 'chat',
      gen_ai_provider_name: 'openai',
      gen_ai_request_model: 'gpt-4o',
      gen_ai_response_model: 'gpt-4o-2024-08-06',
      server_address: 'api.openai.com',
      server_port: '443',
    }
    const labelsOf = (name: string) => samples.find((sample) => sample.name === name)?.labels
    expect(labelsOf('gen_ai_client_operation_duration_seconds_sum')).toEqual({ ...labels, error_type: '' })
    expect(labelsOf('gen_ai_client_token_usage_sum')).toEqual({ ...labels, gen_ai_token_type: 'input' })
    expect(labelsOf('gen_ai_client_operation_time_to_first_chunk_seconds_sum')).toEqual(labels)
    expect(labelsOf('gen_ai_client_operation_time_per_output_chunk_seconds_sum')).toEqual(labels)
    expect(labelsOf('gen_ai_client_cost_total')).toEqual({ ...labels, currency: 'USD' })
    expect(expositionFaults(text)).toEqual([])
  })

  it('tell the times in seconds', async () => {
    const samples = samplesOf(await (await observe()).render())
    const value = (name: string) => samples.find((sample) => sample.name === name)?.value
    expect(value('gen_ai_client_operation_time_to_first_chunk_seconds_sum')).toBeCloseTo(0.3)
    // Five chunks of output, 20 ms after each other; [DONE] is none.
    expect(value('gen_ai_client_operation_time_per_output_chunk_seconds_count')).toBe(4)
    expect(value('gen_ai_client_operation_time_per_output_chunk_seconds_sum')).toBeCloseTo(0.08)
    expect(value('gen_ai_client_operation_duration_seconds_sum')).toBeCloseTo(0.28 + 6 * 0.02)
  })

  it('have the span of the call for their exemplars, if it is sampled', async () => {
    const exemplar = `# {trace_id="${'a'.repeat(32)}",span_id="${'b'.repeat(16)}"}`
    const withExemplar = async (tracer: RecordingTracer) => {
      const text = await (await observe(tracer)).render({ openMetrics: true })
      return text.split('\n').filter((line) => line.includes(exemplar)).length
    }
    expect(await withExemplar(recordingTracer())).toBe(4)
    expect(await withExemplar(recordingTracer({ sampled: false }))).toBe(0)
  })

  it.skipIf(!hasPromtool)('content promtool (skipped where it is not installed)', async () => {
    expect(promtoolComplaints(await (await observe()).render())).toEqual([])
  })
})

it('sends in the scope of its span, so that what instruments HTTP underneath makes a child of it', async () => {
  const recording = recordingTracer()
  const tracer = {
    ...recording,
    startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: readonly unknown[]): ReturnType<F> {
      const work = rest.at(-1) as (span: Span) => ReturnType<F>
      const span = { traceId: 'a'.repeat(32), spanId: 'c'.repeat(16), sampled: true }
      return runInScope({ exchange: undefined, span }, () => work(recording.startSpan(name)))
    },
  }
  let inside: string | undefined
  const base = async (_url: string, _init: RequestInit) => {
    inside = currentScope()?.span?.spanId
    return new Response('{}')
  }
  await instrumentFetch(base, { tracer })(`https://api.openai.com${conversation.path}`, requestOf(conversation))
  expect(inside).toBe('c'.repeat(16))
  expect(currentScope()).toBeUndefined()
})
