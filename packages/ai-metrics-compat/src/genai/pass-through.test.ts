import { serve } from '@honoscope/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Conversation, conversations, requestOf } from '../../test/genai/conversations.ts'
import { type ModelServer, modelServer } from '../../test/genai/model-server.ts'
import { recordingMetrics, recordingTracer } from '../../test/genai/recorder.ts'
import { instrumentFetch } from '../genai.ts'

let server: ModelServer
beforeAll(async () => {
  server = await modelServer()
})
afterAll(() => server.stop())

const streams = conversations.filter(({ isStream }) => isStream)
const [stream] = streams as [Conversation]
const whole = conversations.find(({ isStream }) => !isStream) as Conversation

function setUp() {
  const recorded = recordingMetrics()
  const tracer = recordingTracer()
  const fetch = instrumentFetch(globalThis.fetch, { metrics: recorded.metrics, tracer })
  return { fetch, tracer, ...recorded }
}

const call = (fetch: typeof globalThis.fetch, conversation: Conversation, init: RequestInit = {}, behaviour = 'ok') =>
  fetch(server.url + conversation.path, { ...requestOf(conversation, { 'x-behaviour': behaviour }), ...init })

function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

const ended = 'gen_ai_client_operation_duration_seconds_count'

describe.each(streams)('$name', (conversation) => {
  it('is passed on chunk by chunk: the server sends the next one when the caller has the one before', async () => {
    const { fetch, value } = setUp()
    let serverWaits = deferred<() => void>()
    server.pace = () => new Promise((release) => serverWaits.resolve(release))
    try {
      const response = await call(fetch, conversation)
      const decoder = new TextDecoder()
      let text = ''
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true })
        if (text.length === conversation.response.length) continue
        const release = await serverWaits.promise
        serverWaits = deferred()
        release()
      }
      expect(text).toBe(conversation.response)
      expect(await value(ended, { error_type: '' })).toBe(1)
    } finally {
      server.pace = undefined
    }
  })
})

describe.each(conversations)('$name', (conversation) => {
  it('ends with the same error when the caller aborts, before the response and in it', async () => {
    const { fetch, tracer, value } = setUp()
    const reason = new RangeError('enough')
    const early = new AbortController()
    early.abort(reason)
    await expect(call(fetch, conversation, { signal: early.signal })).rejects.toBe(reason)
    const late = new AbortController()
    const response = await call(fetch, conversation, { signal: late.signal }, 'stalled')
    const reader = response.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
    late.abort(reason)
    await expect(reader?.read()).rejects.toBe(reason)
    expect(await value(ended, { error_type: 'RangeError' })).toBe(2)
    expect(tracer.spans.map(({ status, ends }) => [status, ends])).toEqual([
      [2, 1],
      [2, 1],
    ])
  })

  it('is ended when the caller aborts and reads no more', async () => {
    const { fetch, value } = setUp()
    const controller = new AbortController()
    const response = await call(fetch, conversation, { signal: controller.signal }, 'stalled')
    const reader = response.body?.getReader()
    await reader?.read()
    controller.abort()
    while ((await value(ended, { error_type: 'AbortError' })) === 0) await new Promise((next) => setTimeout(next, 5))
    await expect(reader?.read()).rejects.toThrow()
    expect(await value(ended)).toBe(1)
  })

  it('is ended when the caller leaves, and so is the connection', async () => {
    const { fetch, tracer, value } = setUp()
    const before = server.left()
    const response = await call(fetch, conversation, {}, 'stalled')
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel('seen enough')
    expect(await value(ended, { error_type: 'cancelled' })).toBe(1)
    expect(tracer.spans[0]?.attributes['error.type']).toBe('cancelled')
    expect(tracer.spans[0]?.status).toBeUndefined()
    while (server.left() === before) await new Promise((resolve) => setTimeout(resolve, 5))
  })
})

describe('a response', () => {
  it('is a real one: json(), text(), bytes, clone() and instanceof do what they do', async () => {
    const { fetch, value } = setUp()
    const response = await call(fetch, whole)
    expect(response).toBeInstanceOf(Response)
    const copy = response.clone()
    expect(copy.url).toBe(server.url + whole.path)
    expect([response.bodyUsed, copy.bodyUsed]).toEqual([false, false])
    expect(await response.json()).toEqual(JSON.parse(whole.response))
    expect([response.bodyUsed, copy.bodyUsed]).toEqual([true, false])
    expect(await copy.clone().text()).toBe(whole.response)
    expect(new Uint8Array(await copy.arrayBuffer())).toEqual(new TextEncoder().encode(whole.response))
    await expect(response.text()).rejects.toThrow(TypeError)
    expect(await value(ended)).toBe(1)
  })

  it('can be what an app answers with', async () => {
    const { fetch, value } = setUp()
    const gateway = await serve(() => call(fetch, stream))
    try {
      const response = await globalThis.fetch(gateway.url)
      expect(response.headers.get('content-type')).toBe(stream.contentType)
      expect(await response.text()).toBe(stream.response)
      expect(await value(ended, { error_type: '' })).toBe(1)
    } finally {
      await gateway.stop()
    }
  })

  it('has no chunk asked for before it is wanted', async () => {
    let pulled = 0
    const base = async (_url: string, _init: RequestInit) =>
      new Response(
        new ReadableStream(
          {
            pull(controller) {
              pulled++
              controller.enqueue(new TextEncoder().encode('data: {}\n\n'))
            },
          },
          { highWaterMark: 0 },
        ),
        { headers: { 'Content-Type': 'text/event-stream' } },
      )
    const { metrics, value } = recordingMetrics()
    const response = await instrumentFetch(base, { metrics })(`https://api.openai.com${stream.path}`, requestOf(stream))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(pulled).toBe(0)
    const reader = response.body?.getReader()
    await reader?.read()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(pulled).toBe(1)
    await reader?.cancel()
    expect(await value(ended)).toBe(1)
  })

  it.each([true, false])('is cancelled with the reason that its reader gives (begun: %s)', async (begun) => {
    const cancel = vi.fn()
    const base = async (_url: string, _init: RequestInit) =>
      new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)), cancel }))
    const { metrics, value } = recordingMetrics()
    const response = await instrumentFetch(base, { metrics })(`https://api.openai.com${stream.path}`, requestOf(stream))
    const reader = response.body?.getReader()
    if (begun) await reader?.read()
    const reason = new Error('enough')
    await reader?.cancel(reason)
    expect(cancel.mock.calls).toEqual([[reason]])
    expect(await value(ended, { error_type: 'cancelled' })).toBe(1)
  })

  it('without a body, or with one that can not be watched, ends the call at once', async () => {
    const recorded = recordingMetrics()
    const answers: unknown[] = [
      new Response(null, { status: 204 }),
      Response.error(),
      { status: 200, ok: true, headers: new Headers(), json: async () => ({}) },
    ]
    for (const answer of answers) {
      const base = async (_url: string, _init: RequestInit) => answer as Response
      const fetch = instrumentFetch(base, { metrics: recorded.metrics })
      expect(await fetch('https://api.openai.com/v1/chat/completions', requestOf(whole))).toBe(answer)
    }
    expect(await recorded.value(ended)).toBe(3)
    expect(await recorded.value('honoscope_gen_ai_errors_total')).toBe(0)
  })
})

describe('a call that fails', () => {
  it('rejects with the error that it had, and the type of it is its code', async () => {
    const { value, tracer } = setUp()
    const recorded = recordingMetrics()
    const error = new TypeError('fetch failed for sk-secret', {
      cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
    })
    const fetch = instrumentFetch(
      (_url: string, _init: RequestInit): Promise<Response> => {
        throw error
      },
      { metrics: recorded.metrics, tracer },
    )
    await expect(fetch('https://api.openai.com/v1/chat/completions', requestOf(whole))).rejects.toBe(error)
    expect(await recorded.value(ended, { error_type: 'ECONNREFUSED' })).toBe(1)
    expect(await value(ended)).toBe(0)
    expect(JSON.stringify(tracer.spans)).not.toContain('secret')
  })

  it('is told of when nobody listens on the port', async () => {
    const { fetch, samples } = setUp()
    const gone = await modelServer()
    await gone.stop()
    await expect(fetch(gone.url + whole.path, requestOf(whole))).rejects.toThrow()
    const [sample] = (await samples(ended)).filter(({ value }) => value > 0)
    expect(sample?.labels.error_type).toMatch(/^(ECONNREFUSED|ConnectionRefused)$/)
  })
})

it('ends a call whose response nobody reads, once the runtime has thrown that away', async () => {
  const collect = await collector()
  const { fetch, value } = setUp()
  await (async () => {
    await call(fetch, whole)
  })()
  for (let turn = 0; turn < 200 && (await value(ended)) === 0; turn++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(await value(ended, { error_type: 'cancelled' })).toBe(1)
})

it('does not take a response for unread while it is being read', async () => {
  const collect = await collector()
  const { fetch, value, tracer } = setUp()
  server.pace = async () => {
    for (let turn = 0; turn < 3; turn++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  try {
    // Nobody holds the responses but those who read them.
    const texts = await Promise.all([
      call(fetch, stream).then((response) => response.text()),
      call(fetch, stream).then(async ({ body }) => {
        let text = ''
        for await (const chunk of body ?? []) text += new TextDecoder().decode(chunk as Uint8Array)
        return text
      }),
    ])
    expect(texts.map((text) => text.length > 0)).toEqual([true, true])
    expect(await value(ended, { error_type: '' })).toBe(2)
    expect(tracer.spans.map(({ ends, attributes }) => [ends, attributes['error.type']])).toEqual([
      [1, undefined],
      [1, undefined],
    ])
  } finally {
    server.pace = undefined
  }
})

it("ends a call at the provider's [DONE], even when the caller reads no further", async () => {
  const { fetch, value } = setUp()
  const response = await call(fetch, stream)
  const reader = response.body?.getReader()
  let text = ''
  while (!text.includes('[DONE]')) text += new TextDecoder().decode((await reader?.read())?.value)
  expect(await value(ended, { error_type: '' })).toBe(1)
  await reader?.cancel()
  expect(await value(ended)).toBe(1)
})

/** Returns what makes the runtime collect garbage. */
async function collector(): Promise<() => void> {
  const { Bun } = globalThis as { Bun?: { gc(sync: boolean): void } }
  if (Bun) return () => Bun.gc(true)
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')])
  setFlagsFromString('--expose_gc')
  return runInNewContext('gc') as () => void
}
