import { describe, expect, it } from 'vitest'
import { conversations, requestOf } from '../../test/genai/conversations.ts'
import { recordingTracer } from '../../test/genai/recorder.ts'
import { type ContentOptions, defaultRedactions, instrumentFetch } from '../genai.ts'

const chatUrl = 'https://api.openai.com/v1/chat/completions'

interface Exchange {
  readonly url?: string
  readonly request: unknown
  readonly response: string
  readonly contentType?: string
  readonly content?: ContentOptions
}

/** Returns the attributes of the span of one call. */
async function attributesOf({ url = chatUrl, request, response, contentType, content }: Exchange) {
  const tracer = recordingTracer()
  const base = async (_url: string, _init: RequestInit) =>
    new Response(response, { headers: { 'Content-Type': contentType ?? 'application/json' } })
  const fetch = instrumentFetch(base, { tracer, ...(content && { content }) })
  await (await fetch(url, { method: 'POST', body: JSON.stringify(request) })).text()
  const attributes = tracer.spans[0]?.attributes ?? {}
  const parsed = (name: string) => JSON.parse(String(attributes[`gen_ai.${name}`] ?? 'null'))
  return {
    attributes,
    system: parsed('system_instructions'),
    input: parsed('input.messages'),
    output: parsed('output.messages'),
  }
}

const reply = (content: string) =>
  JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] })
const ask = (content: string) => ({ model: 'm', messages: [{ role: 'user', content }] })

describe('content', () => {
  it('is not on a span unless it was asked for', async () => {
    const { attributes } = await attributesOf({ request: ask('hello'), response: reply('hi') })
    expect(JSON.stringify(attributes)).not.toMatch(/hello|hi"|messages/)
  })

  it.each(conversations.filter(({ expected }) => expected.text))('is captured from $name', async (conversation) => {
    const tracer = recordingTracer()
    const base = async (_url: string, _init: RequestInit) =>
      new Response(conversation.response, { headers: { 'Content-Type': conversation.contentType } })
    const fetch = instrumentFetch(base, { tracer, content: { redact: [] } })
    await (await fetch(`https://model.test${conversation.path}`, requestOf(conversation))).text()
    const attributes = tracer.spans[0]?.attributes ?? {}
    expect(JSON.parse(String(attributes['gen_ai.output.messages']))).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'text', content: conversation.expected.text }],
        finish_reason: conversation.expected.finishReasons?.[0],
      },
    ])
    expect(JSON.parse(String(attributes['gen_ai.input.messages']))).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'Say hello, 世界' }] },
    ])
    const asksKindly = JSON.stringify(conversation.request).includes('Be kind.')
    expect(attributes['gen_ai.system_instructions']).toBe(
      asksKindly ? '[{"type":"text","content":"Be kind."}]' : undefined,
    )
  })

  it('has tool calls and their answers, and of an image only that there was one', async () => {
    const { input, output } = await attributesOf({
      request: {
        model: 'm',
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
          {
            role: 'assistant',
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'rain' },
        ],
      },
      response: [
        { index: 0, delta: { tool_calls: [{ index: 0, id: 'c2', function: { name: 'g', arguments: '{"b"' } }] } },
        { index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: ':2}' } }] } },
        { index: 0, delta: {}, finish_reason: 'tool_calls' },
      ]
        .map((choice) => `data: ${JSON.stringify({ choices: [choice] })}\n\n`)
        .join(''),
      contentType: 'text/event-stream',
      content: { redact: [] },
    })
    expect(input).toEqual([
      { role: 'user', parts: [{ type: 'image_url' }] },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'f', arguments: '{"a":1}' }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'rain' }] },
    ])
    expect(output).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'c2', name: 'g', arguments: '{"b":2}' }],
        finish_reason: 'tool_calls',
      },
    ])
  })

  it.each([
    ['sk-proj-abcdefghijklmnop', 'OpenAI key'],
    ['AIzaSyA1234567890abcdefg', 'Google key'],
    ['ghp_abcdefghijklmnopqrst', 'GitHub token'],
    ['eyJhbGciOi.eyJzdWIiOi.c2lnbmF0', 'JWT'],
    ['Bearer abcdefgh12345678', 'credentials'],
    ['jane.doe+x@example.co.uk', 'address'],
    ['4111 1111 1111 1111', 'card'],
  ])('is redacted of %s by the default patterns', async (secret) => {
    const { attributes } = await attributesOf({
      request: { ...ask(`my ${secret} is`), tools: [] },
      response: reply(`your ${secret} was`),
      content: { redact: defaultRedactions },
    })
    const text = JSON.stringify(attributes)
    expect(text).toContain('my [REDACTED] is')
    expect(text).toContain('your [REDACTED] was')
    expect(text).not.toContain(secret)
  })

  it('is redacted by a pattern without the g flag, everywhere, and by a function', async () => {
    const patterns = await attributesOf({ request: ask('ab ab'), response: reply('AB'), content: { redact: [/ab/i] } })
    expect(patterns.input[0].parts[0].content).toBe('[REDACTED] [REDACTED]')
    expect(patterns.output[0].parts[0].content).toBe('[REDACTED]')
    const redact = (text: string) => `<${text.length}>`
    const { input } = await attributesOf({ request: ask('hello'), response: reply('x'), content: { redact } })
    expect(input[0].parts[0].content).toBe('<5>')
  })

  it('is left out when the function throws', async () => {
    const redact = (): string => {
      throw new Error('no')
    }
    const { attributes } = await attributesOf({ request: ask('hello'), response: reply('hi'), content: { redact } })
    expect(Object.keys(attributes).filter((name) => name.endsWith('messages'))).toEqual([])
  })

  it('shows no half of a secret that moved up when those before it were taken out', async () => {
    const secrets = `<${'s'.repeat(1000)}>`.repeat(20)
    const { attributes } = await attributesOf({
      request: ask(secrets),
      response: reply(secrets),
      content: { redact: [/<s*>/], maxCharacters: 100 },
    })
    expect(attributes['gen_ai.output.messages']).toBeDefined()
    expect(JSON.stringify(attributes)).not.toContain('<s')
  })

  it('is bounded, and shows no half of a secret that the bound cut in two', async () => {
    const long = `${'x'.repeat(90)} sk-${'s'.repeat(5000)}`
    const { attributes, input, output } = await attributesOf({
      request: { model: 'm', messages: Array.from({ length: 200 }, () => ({ role: 'user', content: long })) },
      response: reply(long),
      content: { redact: [/sk-s{4000,}/], maxCharacters: 100 },
    })
    const texts = [...input, ...output].flatMap(({ parts }) => parts.map(({ content }: { content: string }) => content))
    expect(texts.join('').length).toBeLessThanOrEqual(200)
    expect(JSON.stringify(attributes)).not.toContain('sk-s')
    expect(JSON.stringify(attributes).length).toBeLessThan(20_000)
  })
})
