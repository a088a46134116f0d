import { expect, it } from 'vitest'
import { recordingMetrics, recordingTracer } from '../../test/genai/recorder.ts'
import { instrumentFetch } from '../genai.ts'

const json = { headers: { 'Content-Type': 'application/json' } }

it('keeps the series of invented models, hosts and errors bounded', async () => {
  const { metrics } = recordingMetrics()
  let call = 0
  const base = async (_url: string, _init: RequestInit) => {
    const usage = { prompt_tokens: 1, completion_tokens: 1 }
    return call % 2 === 0
      ? new Response(JSON.stringify({ model: `answered-${call}`, usage, choices: [] }), json)
      : new Response(JSON.stringify({ error: { code: `error_${call}` } }), { status: 400, ...json })
  }
  const fetch = instrumentFetch(base, { metrics, prices: {} })
  const lines: number[] = []
  for (call = 0; call < 2000; call++) {
    const body = JSON.stringify({ model: `asked-${call}`, messages: [] })
    const url = `http://host-${call % 31}.test:${1000 + (call % 29)}/v1/chat/completions`
    await (await fetch(url, { method: 'POST', body })).text()
    if (call === 999 || call === 1999) lines.push((await metrics.render()).split('\n').length)
  }
  expect(lines[0]).toBe(lines[1])
  // 300 children of each histogram, of 17 lines each.
  expect(lines[0]).toBeLessThan(4 * 300 * 17)
  expect(lines[0]).toBeGreaterThan(300 * 17)
})

it('takes from a hostile response only what has the shape of a name, a code or a count', async () => {
  const tracer = recordingTracer()
  const response = {
    id: 'i'.repeat(100_000),
    model: 'm'.repeat(100_000),
    choices: [
      { index: 1e9, finish_reason: 'stop' },
      { index: -1, finish_reason: 'stop' },
      { index: 0, finish_reason: 'a text about jane@example.com' },
      { index: 1, finish_reason: { toString: 'x' } },
      null,
      'x',
    ],
    usage: { prompt_tokens: -5, completion_tokens: '7', prompt_tokens_details: 3, completion_tokens_details: null },
  }
  const base = async (_url: string, _init: RequestInit) => new Response(JSON.stringify(response), json)
  const fetch = instrumentFetch(base, { tracer })
  const body = JSON.stringify({ model: 'q'.repeat(100_000), messages: [] })
  await (await fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body })).text()
  const [span] = tracer.spans
  expect(span?.name).toBe(`chat ${'q'.repeat(128)}`)
  expect(span?.attributes['gen_ai.response.id']).toBe('i'.repeat(128))
  expect(span?.attributes['gen_ai.response.model']).toBe('m'.repeat(128))
  expect(Object.keys(span?.attributes ?? {}).filter((name) => /usage|finish|error/.test(name))).toEqual([])
})

it('passes on what is too large to be parsed, and counts it', async () => {
  const { metrics, value } = recordingMetrics()
  const text = JSON.stringify({ model: 'm', filler: 'x'.repeat(5000) })
  const base = async (_url: string, _init: RequestInit) => new Response(text, json)
  const fetch = instrumentFetch(base, { metrics, maxParsedBytes: 4000 })
  const response = await fetch('https://api.openai.com/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify({ model: 'asked', messages: [] }),
  })
  expect(await response.text()).toBe(text)
  expect(await value('honoscope_gen_ai_unparsed_total', { part: 'response', reason: 'too_large' })).toBe(1)
  const labels = { gen_ai_request_model: 'asked', gen_ai_response_model: '', error_type: '' }
  expect(await value('gen_ai_client_operation_duration_seconds_count', labels)).toBe(1)
})

it('does not look at responses for a span that is not sampled', async () => {
  const tracer = recordingTracer({ sampled: false })
  const base = async (_url: string, _init: RequestInit) => new Response('{"model":"m"}', json)
  const redact = (): string => {
    throw new Error('nobody is to see this')
  }
  const fetch = instrumentFetch(base, { tracer, content: { redact } })
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] })
  await (await fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body })).text()
  expect(tracer.spans[0]?.ends).toBe(1)
  expect(tracer.spans[0]?.attributes['gen_ai.response.model']).toBeUndefined()
})
