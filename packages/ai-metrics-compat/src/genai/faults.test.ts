import type { Catalogue } from '@honoscope/core'
import type { Span, Tracer } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conversations, requestOf } from '../../test/genai/conversations.ts'
import { type ModelServer, modelServer } from '../../test/genai/model-server.ts'
import { recordingMetrics, recordingTracer } from '../../test/genai/recorder.ts'
import { type GenAiOptions, instrumentFetch } from '../genai.ts'

let server: ModelServer
beforeAll(async () => {
  server = await modelServer()
})
afterAll(() => server.stop())

const fault = (): never => {
  throw new Error('the sink is broken')
}

/** A catalogue whose metrics take nothing, neither at once nor by their series. */
const brokenCatalogue = (onlySeries = false): Catalogue => {
  const { metrics } = recordingMetrics()
  const broken = {
    inc: fault,
    set: fault,
    observe: fault,
    series: onlySeries ? () => ({ inc: fault, set: fault, observe: fault }) : fault,
  }
  return { ...metrics, counter: () => broken, histogram: () => broken }
}

/** A tracer that works but for one method of its spans. */
function brokenSpans(method: keyof Span): Tracer {
  const tracer = recordingTracer()
  return {
    startSpan: tracer.startSpan,
    startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: readonly unknown[]): ReturnType<F> {
      const work = rest.at(-1) as (span: Span) => ReturnType<F>
      return work({ ...tracer.startSpan(name), [method]: fault })
    },
  }
}

const twice: Tracer = {
  startSpan: fault,
  startActiveSpan: (...rest: readonly unknown[]): never => {
    const work = rest.at(-1) as (span: Span) => unknown
    work(recordingTracer().startSpan('first'))
    return fault()
  },
}

const content = { redact: [] }
const table: Readonly<Record<string, () => GenAiOptions>> = {
  'metrics that throw': () => ({ metrics: brokenCatalogue() }),
  'series that throw': () => ({ metrics: brokenCatalogue(true) }),
  'a tracer that throws': () => ({ tracer: { startSpan: fault, startActiveSpan: fault } }),
  'a tracer that throws after the work': () => ({ tracer: twice }),
  'a tracer that never does the work': () => ({
    tracer: { startSpan: fault, startActiveSpan: () => undefined as never },
  }),
  'a clock that throws': () => ({ metrics: recordingMetrics().metrics, clock: fault }),
  'a redaction that throws': () => ({ tracer: recordingTracer(), content: { redact: fault } }),
  ...Object.fromEntries(
    (['spanContext', 'isRecording', 'setAttribute', 'setAttributes', 'setStatus', 'end'] as const).map((method) => [
      `a span whose ${method} throws`,
      () => ({ tracer: brokenSpans(method), content }),
    ]),
  ),
}

describe.each(Object.entries(table))('%s', (_name, options) => {
  it.each(conversations)('changes nothing of $name', async (conversation) => {
    const fetch = instrumentFetch(globalThis.fetch, options())
    const ok = await fetch(server.url + conversation.path, requestOf(conversation))
    expect(await ok.text()).toBe(conversation.response)
    const failed = await fetch(server.url + conversation.path, requestOf(conversation, { 'x-behaviour': 'http-error' }))
    expect([failed.status, await failed.text()]).toEqual([conversation.error.status, conversation.error.body])
  })
})

it('counts each failure by its step, and goes on recording the rest', async () => {
  const [conversation] = conversations as [(typeof conversations)[number]]
  const recorded = recordingMetrics()
  const step = async (options: GenAiOptions): Promise<readonly string[]> => {
    const before = await recorded.samples('honoscope_gen_ai_errors_total')
    const fetch = instrumentFetch(globalThis.fetch, { metrics: recorded.metrics, ...options })
    await (await fetch(server.url + conversation.path, requestOf(conversation))).text()
    const after = await recorded.samples('honoscope_gen_ai_errors_total')
    return after
      .filter(({ value }, index) => value > (before[index]?.value ?? 0))
      .map(({ labels }) => labels.step ?? '')
  }
  expect(await step({})).toEqual([])
  expect(await step({ tracer: { startSpan: fault, startActiveSpan: fault } })).toEqual(['span'])
  expect(await step({ tracer: brokenSpans('end') })).toEqual(['span'])
  expect(await step({ clock: fault })).toEqual(['metrics'])
  expect(await step({ tracer: recordingTracer(), content: { redact: fault } })).toEqual(['content'])
  expect(await recorded.value('gen_ai_client_token_usage_count', { gen_ai_token_type: 'input' })).toBe(5)
})

it('sends a request once, whatever the tracer does', async () => {
  let sent = 0
  const base = async (_url: string, _init: RequestInit) => {
    sent++
    return new Response('{}')
  }
  const [conversation] = conversations as [(typeof conversations)[number]]
  for (const tracer of [twice, { startSpan: fault, startActiveSpan: fault }]) {
    await instrumentFetch(base, { tracer })(`https://model.test${conversation.path}`, requestOf(conversation))
  }
  expect(sent).toBe(2)
})
