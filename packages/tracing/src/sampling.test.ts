import type { SpanContext } from '@opentelemetry/api'
import { describe, expect, it } from 'vitest'
import type { Decision, Engine, SamplingQuestion } from './engine.ts'
import type { SamplerName, TracingOptions } from './options.ts'
import { createEngine } from './provider.ts'
import { readSettings } from './settings.ts'

async function engine(options: TracingOptions): Promise<Engine> {
  const exporter = { export: () => undefined, shutdown: async () => undefined }
  const settings = readSettings({ env: {}, exporter, ...options })
  if (settings === undefined) throw new Error('tracing is off')
  return createEngine(settings, options)
}

/** A trace id whose random part is so far up its range. */
const traceAt = (share: number): string =>
  `0af7651916cd43dd84${Math.floor(share * 0x10000)
    .toString(16)
    .padStart(4, '0')}0000000000`

const remote = (traceFlags: number, traceId: string = traceAt(0.5)): SpanContext => ({
  traceId,
  spanId: 'b7ad6b7169203331',
  traceFlags,
  isRemote: true,
})

const question = (given: Partial<SamplingQuestion> = {}): SamplingQuestion => ({
  parent: undefined,
  traceId: given.parent?.traceId ?? traceAt(0.5),
  method: 'GET',
  route: '/users/:id',
  ...given,
})

/** What the SDK's sampler makes of the same question, when nobody has asked `decide` before. */
function bySdk(on: Engine, { parent, traceId, method, route }: SamplingQuestion): Decision {
  const context = parent ? on.api.trace.setSpanContext(on.api.ROOT_CONTEXT, parent) : on.api.ROOT_CONTEXT
  if (!parent) on.useTraceId(traceId)
  const attributes = { 'http.request.method': method, 'http.route': route }
  const span = on.tracer.startSpan('x', { kind: on.api.SpanKind.SERVER, attributes }, context)
  expect(span.spanContext().traceId).toBe(traceId)
  if (span.spanContext().traceFlags & 1) return 'sample'
  return span.isRecording() ? 'record' : 'drop'
}

async function expectDecision(options: TracingOptions, asked: SamplingQuestion, expected: Decision): Promise<void> {
  const on = await engine(options)
  expect(bySdk(on, asked)).toBe(expected)
  expect(on.decide(asked)).toBe(expected)
}

describe('the six samplers', () => {
  const rows: readonly (readonly [SamplerName, root: Decision, sampledParent: Decision, unsampledParent: Decision])[] =
    [
      ['always_on', 'sample', 'sample', 'sample'],
      ['always_off', 'drop', 'drop', 'drop'],
      ['traceidratio', 'sample', 'sample', 'sample'],
      ['parentbased_always_on', 'sample', 'sample', 'drop'],
      ['parentbased_always_off', 'drop', 'sample', 'drop'],
      ['parentbased_traceidratio', 'sample', 'sample', 'drop'],
    ]
  for (const [sampler, ...expected] of rows) {
    it(sampler, async () => {
      const asked = [question(), question({ parent: remote(1) }), question({ parent: remote(0) })]
      for (const [i, one] of asked.entries()) await expectDecision({ sampler }, one, expected[i] ?? 'drop')
    })
  }
})

describe('ratio', () => {
  it('is a threshold on the last 56 bits, so that services with the same ratio agree', async () => {
    const options: TracingOptions = { sampler: 'traceidratio', samplingRatio: 0.25 }
    await expectDecision(options, question({ traceId: traceAt(0.74) }), 'drop')
    await expectDecision(options, question({ traceId: traceAt(0.76) }), 'sample')
    await expectDecision(options, question({ parent: remote(1, traceAt(0.1)) }), 'drop')
    await expectDecision({ samplingRatio: 0 }, question({ traceId: traceAt(0.9999) }), 'drop')
    await expectDecision({ samplingRatio: 1 }, question({ traceId: traceAt(0) }), 'sample')
    await expectDecision({ samplingRatio: 1e-20 }, question({ traceId: traceAt(0.9) }), 'drop')
  })

  it('is kept for ids as they are made', async () => {
    const on = await engine({ samplingRatio: 0.1 })
    let sampled = 0
    for (let i = 0; i < 20_000; i++) if (on.decide(question({ traceId: on.newTraceId() })) === 'sample') sampled++
    // Five standard deviations around 2,000.
    expect(Math.abs(sampled - 2000)).toBeLessThan(212)
  })
})

describe('rules', () => {
  const options: TracingOptions = {
    samplingRatio: 0,
    samplingRules: [
      { route: '/health/*', sample: 'never' },
      { route: '/users/:id', method: 'post', sample: 'always' },
      { route: '/search', sample: 0.5 },
    ],
  }
  const rows: readonly (readonly [Partial<SamplingQuestion>, Decision])[] = [
    [{ route: '/health', parent: remote(1) }, 'drop'],
    [{ route: '/health/live', parent: remote(1) }, 'drop'],
    [{ route: '/healthy', parent: remote(1) }, 'sample'],
    [{ method: 'POST' }, 'sample'],
    [{ method: 'POST', parent: remote(0) }, 'sample'],
    [{ method: 'GET' }, 'drop'],
    [{ route: '/search', traceId: traceAt(0.6) }, 'sample'],
    [{ route: '/search', traceId: traceAt(0.4) }, 'drop'],
    [{ route: '/search', parent: remote(1, traceAt(0.4)) }, 'sample'],
    [{ route: '/search', parent: remote(0, traceAt(0.6)) }, 'drop'],
  ]
  for (const [asked, expected] of rows) {
    it(`${JSON.stringify(asked)}: ${expected}`, () => expectDecision(options, question(asked), expected))
  }

  it('never is not recorded for its errors either', () =>
    expectDecision({ ...options, keep: {} }, question({ route: '/health' }), 'drop'))

  it('a star is for every route', () =>
    expectDecision({ samplingRules: [{ route: '*', sample: 'never' }] }, question(), 'drop'))
})

it('gives the span what was decided for it, whatever attributes it has, and its children the same', async () => {
  const on = await engine({ sampler: 'always_off', samplingRules: [{ route: '/users/:id', sample: 'always' }] })
  const asked = question({ traceId: on.newTraceId() })
  expect(on.decide(asked)).toBe('sample')
  const span = on.startSampled?.('GET', 1, asked.traceId, undefined)
  expect(span?.spanContext()).toMatchObject({ traceId: asked.traceId, traceFlags: 1 })
  const child = on.tracer.startSpan(
    'child',
    {},
    on.api.trace.setSpan(on.api.ROOT_CONTEXT, span ?? on.tracer.startSpan('')),
  )
  expect(child.spanContext()).toMatchObject({ traceId: asked.traceId, traceFlags: 1 })
  // The next one is asked about anew.
  expect(on.tracer.startSpan('other').isRecording()).toBe(false)
})

it('decides about one span: a later one of the same trace is asked about anew', async () => {
  const on = await engine({ samplingRatio: 0.5 })
  const asked = question({ parent: remote(1) })
  expect(on.decide(asked)).toBe('sample')
  on.startSampled?.('GET', 1, asked.traceId, asked.parent)
  expect(bySdk(on, question({ parent: remote(0) }))).toBe('drop')
})
