import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Conversation, conversations, requestOf } from '../../test/genai/conversations.ts'
import { type ModelServer, modelServer } from '../../test/genai/model-server.ts'
import { recordingMetrics, recordingTracer } from '../../test/genai/recorder.ts'
import { type FetchLike, type GenAiOptions, genAi, instrumentFetch } from '../genai.ts'

let server: ModelServer
beforeAll(async () => {
  server = await modelServer()
})
afterAll(() => server.stop())

const [conversation] = conversations as [Conversation]

/** As the clients of OpenAI and Anthropic are made: private members, and a copy of itself with other options. */
class Client {
  #calls = 0
  readonly fetch: FetchLike
  constructor({ fetch = globalThis.fetch as FetchLike }: { readonly fetch?: FetchLike } = {}) {
    this.fetch = fetch
  }
  withOptions(options: { readonly fetch?: FetchLike }): Client {
    return new Client({ fetch: this.fetch, ...options })
  }
  async chat(): Promise<string> {
    this.#calls++
    const response = await this.fetch.call(undefined, server.url + conversation.path, requestOf(conversation))
    return `${this.#calls} ${await response.text()}`
  }
}

describe('genAi()', () => {
  it('returns a client of the same type that records, and leaves the one given as it was', async () => {
    const { metrics, value } = recordingMetrics()
    const client = new Client()
    const observed = genAi(client, { metrics })
    expect(observed).toBeInstanceOf(Client)
    expect(await client.chat()).toBe(`1 ${conversation.response}`)
    expect(await value('gen_ai_client_operation_duration_seconds_count')).toBe(0)
    expect(await observed.chat()).toBe(`1 ${conversation.response}`)
    expect(await value('gen_ai_client_operation_duration_seconds_count')).toBe(1)
  })

  it('does so once, however often it is asked', async () => {
    const { metrics, value } = recordingMetrics()
    const observed = genAi(genAi(new Client(), { metrics }), { metrics })
    await observed.chat()
    expect(await value('gen_ai_client_operation_duration_seconds_count')).toBe(1)
    expect(genAi(observed, { metrics })).toBe(observed)
  })

  it('takes the options that a client is made from', async () => {
    const { metrics, value } = recordingMetrics()
    const options = Object.freeze({ apiKey: 'k' })
    const observed = genAi(options, { metrics }) as typeof options & { readonly fetch: FetchLike }
    expect(observed.apiKey).toBe('k')
    await new Client(observed).chat()
    expect(await value('gen_ai_client_operation_duration_seconds_count')).toBe(1)
  })

  it('refuses a client that takes no fetch', () => {
    expect(() => genAi(new Map(), { tracer: recordingTracer() })).toThrow(/withOptions/)
  })
})

describe('instrumentFetch()', () => {
  it('is the function itself when there is nothing to record, or when it is instrumented already', () => {
    const { metrics } = recordingMetrics()
    expect(instrumentFetch(globalThis.fetch, {})).toBe(globalThis.fetch)
    const once = instrumentFetch(globalThis.fetch, { metrics })
    expect(once).not.toBe(globalThis.fetch)
    expect(instrumentFetch(once, { metrics })).toBe(once)
    expect(Object.keys(once)).toEqual(Object.keys(globalThis.fetch))
  })

  it('shares its metrics among the functions of one catalogue', () => {
    const { metrics } = recordingMetrics()
    instrumentFetch(globalThis.fetch, { metrics })
    expect(() => instrumentFetch(async () => new Response(), { metrics })).not.toThrow()
  })

  it.each<readonly [string, GenAiOptions]>([
    ['metrics', { metrics: {} as never }],
    ['tracer', { tracer: {} as never }],
    ['maxParsedBytes', { maxParsedBytes: 0 }],
    ['maxParsedBytes', { maxParsedBytes: Number.NaN }],
    ['currency', { currency: '' }],
    ['clock', { clock: 1 as never }],
    ['prices', { prices: { m: { input: -1 } } }],
    ['prices', { prices: { m: {} as never } }],
    ['content.redact', { content: {} as never }],
    ['content.redact', { content: { redact: ['x'] as never } }],
    ['content.maxCharacters', { content: { redact: [], maxCharacters: 0 } }],
  ])('refuses a wrong "%s" at once', (option, options) => {
    expect(() => instrumentFetch(globalThis.fetch, options)).toThrow(new RegExp(`"${option}"`))
    expect(() => instrumentFetch('fetch' as never, {})).toThrow(/"fetch"/)
  })
})
