import { describe, expect, it } from 'vitest'
import { recordingMetrics, recordingTracer } from '../../test/genai/recorder.ts'
import { type GenAiOptions, instrumentFetch } from '../genai.ts'

const chat = JSON.stringify({ model: 'm-1', messages: [] })
const prompt = JSON.stringify({ model: 'm-1', prompt: 'x' })
const input = JSON.stringify({ model: 'm-1', input: 'x' })
const claude = JSON.stringify({ model: 'm-1', max_tokens: 1, messages: [] })
const gemini = JSON.stringify({ contents: [] })

/** Returns the name of the span and the provider of a call, and what the function underneath was given. */
async function observe(args: readonly [input: unknown, init?: RequestInit | undefined], options: GenAiOptions = {}) {
  const tracer = recordingTracer()
  const recorded = recordingMetrics()
  let given: readonly unknown[] = []
  const base = async (...passed: readonly unknown[]) => {
    given = passed
    return new Response('{}', { headers: { 'Content-Type': 'application/json' } })
  }
  const fetch = instrumentFetch(base as typeof globalThis.fetch, { tracer, metrics: recorded.metrics, ...options })
  await (await fetch(args[0] as string, args[1])).text()
  const [span] = tracer.spans
  return { given, span, recorded, name: span?.name, provider: span?.attributes['gen_ai.provider.name'] }
}

const post = (body: BodyInit): RequestInit => ({ method: 'POST', body })

describe('a call to a model', () => {
  it.each([
    ['https://api.openai.com/v1/chat/completions', chat, 'chat m-1', 'openai'],
    ['https://api.openai.com/v1/chat/completions/', chat, 'chat m-1', 'openai'],
    ['https://api.openai.com/v1/completions', prompt, 'text_completion m-1', 'openai'],
    ['https://api.openai.com/v1/responses', input, 'chat m-1', 'openai'],
    ['https://api.openai.com/v1/embeddings', input, 'embeddings m-1', 'openai'],
    [
      'https://x.openai.azure.com/openai/deployments/d-1/chat/completions?api-version=1',
      '{"messages":[]}',
      'chat d-1',
      'azure.ai.openai',
    ],
    ['https://x.services.ai.azure.com/models/chat/completions', chat, 'chat m-1', 'azure.ai.inference'],
    ['https://api.mistral.ai/v1/chat/completions', chat, 'chat m-1', 'mistral_ai'],
    ['https://api.groq.com/openai/v1/chat/completions', chat, 'chat m-1', 'groq'],
    ['https://api.deepseek.com/chat/completions', chat, 'chat m-1', 'deepseek'],
    ['https://api.x.ai/v1/chat/completions', chat, 'chat m-1', 'x_ai'],
    ['https://api.perplexity.ai/chat/completions', chat, 'chat m-1', 'perplexity'],
    ['https://api.moonshot.ai/v1/chat/completions', chat, 'chat m-1', 'moonshot_ai'],
    ['https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/chat/completions', chat, 'chat m-1', 'aws.bedrock'],
    ['http://localhost:11434/v1/chat/completions', chat, 'chat m-1', 'openai'],
    ['https://api.anthropic.com/v1/messages', claude, 'chat m-1', 'anthropic'],
    ['http://gateway.test/anthropic/v1/messages', claude, 'chat m-1', 'anthropic'],
    [
      'https://generativelanguage.googleapis.com/v1beta/models/e-1:embedContent?key=k',
      '{"content":{"parts":[{"text":"x"}]}}',
      'embeddings e-1',
      'gcp.gemini',
    ],
    [
      'https://generativelanguage.googleapis.com/v1beta/models/e-1:batchEmbedContents',
      '{"requests":[]}',
      'embeddings e-1',
      'gcp.gemini',
    ],
    [
      'https://generativelanguage.googleapis.com/v1beta/models/g-1:generateContent',
      gemini,
      'generate_content g-1',
      'gcp.gemini',
    ],
    [
      'https://generativelanguage.googleapis.com/v1beta/tunedModels/t%201:streamGenerateContent?alt=sse',
      gemini,
      'generate_content t 1',
      'gcp.gemini',
    ],
    [
      'https://eu-aiplatform.googleapis.com/v1/projects/p/locations/eu/publishers/google/models/g-1:generateContent',
      gemini,
      'generate_content g-1',
      'gcp.vertex_ai',
    ],
    ['http://gateway.test/models/g-1:generateContent', gemini, 'generate_content g-1', 'gcp.gen_ai'],
  ])('is recognised: %s', async (url, body, name, provider) => {
    expect(await observe([url, post(body)])).toMatchObject({ name, provider })
    expect(await observe([new URL(url), post(body)])).toMatchObject({ name, provider })
    expect(await observe([url, post(new TextEncoder().encode(body))])).toMatchObject({ name, provider })
  })

  it.each([
    ['https://api.openai.com/v1/models', undefined],
    ['https://api.openai.com/v1/chat/completions', { method: 'GET' }],
    ['https://api.openai.com/v1/chat/completions/chatcmpl-1', post('{}')],
    ['https://api.openai.com/v1/responses/resp_1/cancel', post('{}')],
    ['https://api.anthropic.com/v1/messages/count_tokens', post(claude)],
    ['https://api.anthropic.com/v1/messages/batches', post('{"requests":[]}')],
    ['https://generativelanguage.googleapis.com/v1beta/models/g-1:countTokens', post(gemini)],
    ['https://chat.test/rooms/1/messages', post('{"text":"not for a model"}')],
    ['https://forms.test/responses', post('{"answers":[]}')],
    ['https://forms.test/responses', post('not JSON')],
    ['https://forms.test/responses?x=/v1/chat/completions', post(chat)],
    ['not a url/chat/completions', post(chat)],
  ])('is not any other: %s %o', async (url, init) => {
    const { span, recorded, given } = await observe([url, init])
    expect(span).toBeUndefined()
    expect(given).toEqual([url, init])
    expect(await recorded.value('gen_ai_client_operation_duration_seconds_count')).toBe(0)
  })

  it('takes the names of providers from the app first', async () => {
    const options = { providers: { 'localhost:11434': 'ollama', 'api.openai.com': 'us' } }
    expect((await observe(['http://localhost:11434/v1/chat/completions', post(chat)], options)).provider).toBe('ollama')
    expect((await observe(['https://api.openai.com/v1/responses', post(input)], options)).provider).toBe('us')
    expect((await observe(['http://localhost/v1/chat/completions', post(chat)], options)).provider).toBe('openai')
  })

  it('has the settings on its span, and nothing of what is asked', async () => {
    const body = {
      model: 'm-1',
      messages: [{ role: 'user', content: 'my secret' }],
      stop: ['secret'],
      temperature: 0.5,
      top_p: 1,
      max_completion_tokens: 9,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      seed: 7,
      n: 3,
      response_format: { type: 'json_schema' },
      user: 'secret',
    }
    const { span } = await observe([
      'https://api.openai.com/v1/chat/completions?key=secret',
      post(JSON.stringify(body)),
    ])
    expect(span?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'm-1',
      'server.address': 'api.openai.com',
      'server.port': 443,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.top_p': 1,
      'gen_ai.request.max_tokens': 9,
      'gen_ai.request.frequency_penalty': 0.1,
      'gen_ai.request.presence_penalty': 0.2,
      'gen_ai.request.seed': 7,
      'gen_ai.request.choice.count': 3,
      'gen_ai.output.type': 'json',
    })
  })
})

describe('a body that is no text', () => {
  const stream = () => new Blob([chat]).stream()
  it.each([
    ['a stream', stream],
    ['a form', () => new FormData()],
    ['a blob', () => new Blob([chat])],
    ['parameters', () => new URLSearchParams({ model: 'secret' })],
  ])('is not touched: %s', async (_name, body) => {
    const init = { ...post(body()), duplex: 'half' } as RequestInit
    const { given, name } = await observe(['https://api.openai.com/v1/chat/completions', init])
    expect(given[1]).toBe(init)
    expect(name).toBe('chat')
    if (init.body instanceof ReadableStream) expect(init.body.locked).toBe(false)
  })

  it('is not touched in a Request either, which is recognised by its URL', async () => {
    const request = new Request('https://api.openai.com/v1/responses', post(input))
    const { given, name } = await observe([request])
    expect(given[0]).toBe(request)
    expect(request.bodyUsed).toBe(false)
    expect(await request.text()).toBe(input)
    expect(name).toBe('chat')
    expect((await observe([new Request('https://forms.test/responses', post(input))])).name).toBeUndefined()
  })

  it('is not parsed when it is too large or malformed, which is counted', async () => {
    const url = 'https://api.openai.com/v1/chat/completions'
    const large = await observe([url, post(chat)], { maxParsedBytes: 10 })
    const malformed = await observe([url, post('{"model":')])
    for (const { name } of [large, malformed]) expect(name).toBe('chat')
    const count = 'honoscope_gen_ai_unparsed_total'
    expect(await large.recorded.value(count, { part: 'request', reason: 'too_large' })).toBe(1)
    expect(await malformed.recorded.value(count, { part: 'request', reason: 'malformed' })).toBe(1)
  })
})

it.each([
  [{ error: { message: 'x', type: 'requests', code: 'rate_limit_exceeded' } }, 'rate_limit_exceeded'],
  [{ error: { message: 'x', type: 'invalid_request_error', param: null, code: null } }, 'invalid_request_error'],
  [{ type: 'error', error: { type: 'overloaded_error', message: 'x' } }, 'overloaded_error'],
  [{ error: { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED' } }, 'RESOURCE_EXHAUSTED'],
  [{ error: { code: 402, message: 'x' } }, '402'],
  [{ error: 'model "m" not found, try pulling it first' }, 'error'],
  [{ error: { message: 'x', code: 'a whole sentence, with jane@example.com' } }, 'error'],
  [{ detail: 'not found' }, '418'],
  ['<html>', '418'],
])('takes the type of an error from its body, or else from its status: %o', async (body, type) => {
  const tracer = recordingTracer()
  const base = async (_url: string, _init: RequestInit) => new Response(JSON.stringify(body), { status: 418 })
  const fetch = instrumentFetch(base, { tracer })
  await (await fetch('https://api.openai.com/v1/chat/completions', post(chat))).text()
  expect(tracer.spans[0]?.attributes['error.type']).toBe(type)
})

it('passes on everything that it is given, this included', async () => {
  const seen: unknown[] = []
  const owner = {
    fetch: instrumentFetch(
      function (this: unknown, ...args: readonly unknown[]) {
        seen.push(this, ...args)
        return Promise.resolve(new Response('{}'))
      } as typeof globalThis.fetch,
      { tracer: recordingTracer() },
    ) as (...args: readonly unknown[]) => Promise<Response>,
  }
  const init = post(chat)
  await owner.fetch('https://api.openai.com/v1/chat/completions', init, 'more')
  expect(seen).toEqual([owner, 'https://api.openai.com/v1/chat/completions', init, 'more'])
  expect(seen[0]).toBe(owner)
})

it.each(['generateContent', 'streamGenerateContent', 'embedContent'])(
  'shows nothing of a key in the URL of a %s, whether it is answered or fails',
  async (method) => {
    const url = `https://user:pass-secret@generativelanguage.googleapis.com/v1beta/models/g-1:${method}?key=AIza-secret#secret`
    const body = JSON.stringify({ contents: [], content: {} })
    const { span, recorded, given } = await observe([url, post(body)])
    expect(given[0]).toBe(url)
    const tracer = recordingTracer()
    const failing = instrumentFetch(
      (_url: string, _init?: RequestInit) => Promise.reject(new Error(`cannot reach ${url}`)),
      {
        tracer,
        metrics: recorded.metrics,
      },
    )
    await expect(failing(url, post(body))).rejects.toThrow('cannot reach')
    expect(span?.attributes['server.address']).toBe('generativelanguage.googleapis.com')
    expect(tracer.spans).toHaveLength(1)
    expect(JSON.stringify([span, tracer.spans]) + (await recorded.metrics.render())).not.toContain('secret')
  },
)
