import { describe, expect, it } from 'vitest'
import { conversations, requestOf } from '../../test/genai/conversations.ts'
import { recordingMetrics, recordingTracer } from '../../test/genai/recorder.ts'
import { instrumentFetch, type PriceTable } from '../genai.ts'

async function costs(name: string, prices: PriceTable | undefined, currency?: string) {
  const conversation = conversations.find((known) => known.name === name)
  if (conversation === undefined) throw new Error(`no conversation ${name}`)
  const { metrics, samples } = recordingMetrics()
  const tracer = recordingTracer()
  const base = async (_url: string, _init: RequestInit) =>
    new Response(conversation.response, { headers: { 'Content-Type': conversation.contentType } })
  const fetch = instrumentFetch(base, { metrics, tracer, ...(prices && { prices }), ...(currency && { currency }) })
  await (await fetch(`https://model.test${conversation.path}`, requestOf(conversation))).text()
  return { cost: tracer.spans[0]?.attributes['gen_ai.usage.cost'], samples: await samples('gen_ai_client_cost_total') }
}

describe('a price table', () => {
  it('gives the cost of a call, with what came from a cache and went into one', async () => {
    // 19 in, 8 of them cached, 10 out.
    const prices = { 'gpt-4o': { input: 2.5, output: 10, cacheRead: 1.25 } }
    const openai = await costs('openai chat completions', prices)
    expect(openai.cost).toBeCloseTo((11 * 2.5 + 8 * 1.25 + 10 * 10) / 1e6, 12)
    expect(openai.samples).toHaveLength(1)
    expect(openai.samples[0]?.value).toBeCloseTo(Number(openai.cost), 12)
    expect(openai.samples[0]?.labels).toMatchObject({ currency: 'USD', gen_ai_response_model: 'gpt-4o-2024-08-06' })
    // 25 in, 100 out of the cache, 50 into it, 15 out.
    const anthropic = await costs(
      'anthropic messages, streamed',
      { 'claude-sonnet-4-5': { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 } },
      'EUR',
    )
    expect(anthropic.cost).toBeCloseTo((25 * 3 + 100 * 0.3 + 50 * 3.75 + 15 * 15) / 1e6, 12)
    expect(anthropic.samples[0]?.labels.currency).toBe('EUR')
    const embeddings = await costs('openai embeddings', { 'text-embedding-3-small': { input: 0.02 } })
    expect(embeddings.cost).toBeCloseTo((8 * 0.02) / 1e6, 12)
  })

  it('prefers the model that answered, dated first', async () => {
    const prices = { 'gpt-4o': { input: 1 }, 'gpt-4o-2024-08-06': { input: 2 } }
    expect((await costs('openai chat completions', prices)).cost).toBeCloseTo((19 * 2) / 1e6, 12)
  })

  it('says nothing of a model that is not in it, nor of one whose name only begins alike', async () => {
    for (const prices of [undefined, {}, { 'gpt-4': { input: 1 } }, { 'gpt-4o-mini': { input: 1 } }]) {
      const { cost, samples } = await costs('openai chat completions', prices)
      expect(cost).toBeUndefined()
      expect(samples).toEqual([])
    }
  })
})
