import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Conversation, conversations, requestOf } from '../../test/genai/conversations.ts'
import { type Behaviour, type ModelServer, modelServer } from '../../test/genai/model-server.ts'
import {
  type RecordedSpan,
  type RecordingMetrics,
  recordingMetrics,
  recordingTracer,
} from '../../test/genai/recorder.ts'
import { instrumentFetch } from '../genai.ts'

let server: ModelServer
beforeAll(async () => {
  server = await modelServer()
})
afterAll(() => server.stop())

/** All that a caller gets of a response. */
interface Got {
  readonly status: number
  readonly statusText: string
  readonly url: string
  readonly type: string
  readonly redirected: boolean
  readonly headers: readonly (readonly [string, string])[]
  readonly bytes: readonly number[]
  readonly failed: boolean
}

async function get(fetch: typeof globalThis.fetch, conversation: Conversation, behaviour: Behaviour): Promise<Got> {
  const response = await fetch(server.url + conversation.path, requestOf(conversation, { 'x-behaviour': behaviour }))
  const bytes: number[] = []
  let failed = false
  try {
    for await (const chunk of response.body ?? []) bytes.push(...(chunk as Uint8Array))
  } catch {
    failed = true
  }
  const { status, statusText, url, type, redirected, headers } = response
  const kept = [...headers].filter(([name]) => name !== 'date')
  return { status, statusText, url, type, redirected, headers: kept, bytes, failed }
}

interface Observed {
  readonly got: Got
  readonly span: RecordedSpan
  readonly metrics: RecordingMetrics
}

async function observe(conversation: Conversation, behaviour: Behaviour): Promise<Observed> {
  const metrics = recordingMetrics()
  const tracer = recordingTracer()
  const fetch = instrumentFetch(globalThis.fetch, { metrics: metrics.metrics, tracer })
  const got = await get(fetch, conversation, behaviour)
  const [span] = tracer.spans
  if (span === undefined) throw new Error('no span was made')
  expect(tracer.spans).toHaveLength(1)
  expect(span.ends).toBe(1)
  return { got, span, metrics }
}

const duration = 'gen_ai_client_operation_duration_seconds_count'
const unparsed = 'honoscope_gen_ai_unparsed_total'

describe.each(conversations)('$name', (conversation) => {
  const { expected, isStream } = conversation

  it.each(['ok', 'http-error', 'malformed', 'truncated', 'broken'] as const)(
    'gives the caller the same bytes, headers and properties with and without: %s',
    async (behaviour) => {
      const { got, metrics } = await observe(conversation, behaviour)
      const bare = await get(globalThis.fetch, conversation, behaviour)
      // How much of a broken response arrives is a matter of chance.
      const { bytes, ...rest } = behaviour === 'broken' ? { ...got, bytes: [] } : got
      expect({ ...rest, bytes }).toEqual(behaviour === 'broken' ? { ...bare, bytes: [] } : bare)
      expect(got.bytes.length > 0 || behaviour === 'broken').toBe(true)
      expect(await metrics.value(duration)).toBe(1)
      expect(await metrics.value('honoscope_gen_ai_errors_total')).toBe(0)
    },
  )

  it('describes what was asked and answered', async () => {
    const { span, metrics } = await observe(conversation, 'ok')
    expect(span.name).toBe(`${expected.operation} ${expected.requestModel}`)
    expect(span.kind).toBe(2)
    expect(span.status).toBeUndefined()
    expect(span.attributes).toMatchObject({
      'gen_ai.operation.name': expected.operation,
      'gen_ai.provider.name': expected.provider,
      'gen_ai.request.model': expected.requestModel,
      'gen_ai.response.model': expected.responseModel,
      'gen_ai.usage.input_tokens': expected.input,
      'server.address': '127.0.0.1',
      'server.port': server.port,
    })
    expect(span.attributes['gen_ai.usage.output_tokens']).toBe(expected.output)
    expect(span.attributes['gen_ai.response.id']).toBe(expected.id)
    expect(span.attributes['gen_ai.response.finish_reasons']).toEqual(expected.finishReasons)
    expect(span.attributes['gen_ai.request.stream']).toBe(isStream ? true : undefined)
    expect(JSON.stringify(span)).not.toMatch(/Gr\u00fc|hello|Be kind|AIza|error\.type/)
    const labels = {
      gen_ai_operation_name: expected.operation,
      gen_ai_provider_name: expected.provider,
      gen_ai_request_model: expected.requestModel,
      gen_ai_response_model: expected.responseModel,
      server_address: '127.0.0.1',
      server_port: String(server.port),
    }
    expect(await metrics.value(duration, { ...labels, error_type: '' })).toBe(1)
    const tokens = 'gen_ai_client_token_usage_sum'
    expect(await metrics.value(tokens, { ...labels, gen_ai_token_type: 'input' })).toBe(expected.input)
    expect(await metrics.value(tokens, { ...labels, gen_ai_token_type: 'output' })).toBe(expected.output ?? 0)
    const first = 'gen_ai_client_operation_time_to_first_chunk_seconds_count'
    const later = 'gen_ai_client_operation_time_per_output_chunk_seconds_count'
    expect(await metrics.value(first, labels)).toBe(isStream ? 1 : 0)
    expect(await metrics.value(later, labels)).toBe(isStream ? (expected.chunks ?? 0) - 1 : 0)
    expect(await metrics.value(unparsed)).toBe(0)
  })

  it('names the error that the provider names', async () => {
    const { span, metrics } = await observe(conversation, 'http-error')
    expect(span.attributes['error.type']).toBe(conversation.error.type)
    expect(span.status).toBe(2)
    expect(JSON.stringify(span)).not.toMatch(/Rate limit|org-secret|Quota/)
    expect(await metrics.value(duration, { error_type: conversation.error.type })).toBe(1)
    expect(await metrics.value('gen_ai_client_token_usage_count')).toBe(0)
    expect(await metrics.value('gen_ai_client_operation_time_to_first_chunk_seconds_count')).toBe(0)
  })

  it('counts what it can not read, and calls the call no failure for that', async () => {
    const { span, metrics } = await observe(conversation, 'malformed')
    expect(await metrics.value(unparsed, { part: 'response', reason: 'malformed' })).toBe(1)
    expect(span.attributes['error.type']).toBeUndefined()
    expect(span.status).toBeUndefined()
  })

  it('counts a body that is cut off', async () => {
    const { span, metrics } = await observe(conversation, 'truncated')
    const counted = await metrics.samples(unparsed, { part: 'response' })
    expect(counted.filter(({ value }) => value > 0).map(({ labels }) => labels.reason)).toEqual([
      isStream ? 'truncated' : 'malformed',
    ])
    expect(span.attributes['error.type']).toBeUndefined()
  })

  it('fails when the connection does, with the type of that error', async () => {
    const { got, span, metrics } = await observe(conversation, 'broken')
    expect(got.failed).toBe(true)
    expect(span.status).toBe(2)
    expect(span.attributes['error.type']).toMatch(/^[\w.-]+$/)
    expect(await metrics.value(duration, { error_type: String(span.attributes['error.type']) })).toBe(1)
  })

  it('reads a response that is cut at each byte', async () => {
    const bytes = new TextEncoder().encode(conversation.response)
    const metrics = recordingMetrics()
    const tracer = recordingTracer()
    const base = async (_url: string, _init: RequestInit) =>
      new Response(
        new ReadableStream({
          start(controller) {
            for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
            controller.close()
          },
        }),
        { headers: { 'Content-Type': conversation.contentType } },
      )
    const fetch = instrumentFetch(base, { metrics: metrics.metrics, tracer, content: { redact: [] } })
    const response = await fetch(`https://model.test${conversation.path}`, requestOf(conversation))
    expect(await response.text()).toBe(conversation.response)
    const attributes = tracer.spans[0]?.attributes ?? {}
    expect(attributes['gen_ai.usage.input_tokens']).toBe(expected.input)
    expect(attributes['gen_ai.usage.output_tokens']).toBe(expected.output)
    expect(attributes['gen_ai.response.finish_reasons']).toEqual(expected.finishReasons)
    const [message] = JSON.parse(String(attributes['gen_ai.output.messages'] ?? '[null]'))
    expect(message?.parts[0].content).toBe(expected.text)
    expect(await metrics.value(unparsed)).toBe(0)
    if (isStream) {
      expect(await metrics.value('gen_ai_client_operation_time_per_output_chunk_seconds_count')).toBe(
        (expected.chunks ?? 0) - 1,
      )
    }
  })
})
