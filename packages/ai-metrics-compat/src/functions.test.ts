import { createMetrics } from '@honoscope/metrics'
import { expositionFaults, samplesOf, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import * as ai from './index.ts'

/** A fresh app's metrics, which the functions record into. */
function freshMetrics() {
  const metrics = createMetrics({ runtime: false })
  ai.useMetrics(metrics)
  return {
    metrics,
    async value(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
      const wanted = JSON.stringify(labels)
      return samplesOf(await metrics.render()).find(
        (sample) => sample.name === name && JSON.stringify(sample.labels) === wanted,
      )?.value
    },
  }
}

/** Every function with a value, as something that takes anything. */
const takers: Readonly<Record<string, (...args: readonly never[]) => void>> = {
  recordAICallDuration: ai.recordAICallDuration,
  recordVectorSearchDuration: ai.recordVectorSearchDuration,
  recordSkillAssemblyDuration: ai.recordSkillAssemblyDuration,
  recordParallelExecutionDuration: ai.recordParallelExecutionDuration,
  recordDomainSkillSelection: ai.recordDomainSkillSelection,
  recordCMDBAssessment: ai.recordCMDBAssessment,
  recordAITokens: ai.recordAITokens,
  setActiveParallelTasks: ai.setActiveParallelTasks,
}
const counters: Readonly<Record<string, (...args: readonly never[]) => void>> = {
  incAICallCount: ai.incAICallCount,
  incVectorSearchCount: ai.incVectorSearchCount,
  incCMDBQueryCount: ai.incCMDBQueryCount,
}

const trap = new Proxy(
  {},
  {
    get() {
      throw new Error('looked into')
    },
  },
)
const oddities: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  -1,
  Number.POSITIVE_INFINITY,
  1n,
  '',
  '12',
  {},
  [],
  Symbol('odd'),
  () => 1,
  trap,
  Object.create(null),
]

describe('the functions', () => {
  it('take whatever they are given without throwing, and count the calls that recorded nothing', async () => {
    const { metrics, value } = freshMetrics()
    for (const [name, record] of Object.entries(takers)) {
      const call = record as (...args: readonly unknown[]) => void
      for (const odd of oddities) call(...(Array(record.length).fill(odd) as unknown[]))
      call()
      expect(await value('honoscope_ai_dropped_calls_total', { function: name })).toBe(oddities.length + 1)
    }
    for (const record of Object.values(counters)) {
      for (const odd of oddities) (record as (...args: readonly unknown[]) => void)(odd, odd, odd)
    }
    const text = await metrics.render()
    expect(expositionFaults(text)).toEqual([])
    expect(text).not.toMatch(/NaN|undefined|object|Infinity/)
    expect(await value('iac_ai_call_total', { capability: 'other', status: 'other' })).toBe(oddities.length)
  })

  it('fold what is not known and count each value, so that the number of series has an end', async () => {
    const { value } = freshMetrics()
    for (let i = 0; i < 60; i++) ai.recordVectorSearchDuration(`type_${i}`, 'embed', 5)
    ai.recordVectorSearchDuration('type_0', 'unheard_of', 5)
    const overflow = (label: string) =>
      value('honoscope_ai_label_overflow_total', { metric: 'iac_vector_search_duration_ms', label })
    expect(await value('iac_vector_search_duration_ms_count', { resource_type: 'other', stage: 'embed' })).toBe(10)
    expect(await value('iac_vector_search_duration_ms_count', { resource_type: 'type_49', stage: 'embed' })).toBe(1)
    expect(await value('iac_vector_search_duration_ms_count', { resource_type: 'type_0', stage: 'other' })).toBe(1)
    expect(await overflow('resource_type')).toBe(10)
    expect(await overflow('stage')).toBe(1)
  })

  it('tell texts apart that are alike in length, beginning, middle and end', async () => {
    const { value } = freshMetrics()
    for (const resourceType of ['aws_vpc', 'axs_vyc', 'aws_vpc', 'azs_vqc']) ai.incVectorSearchCount(resourceType, true)
    const found = (resourceType: string) =>
      value('iac_vector_search_total', { resource_type: resourceType, status: 'found' })
    expect([await found('aws_vpc'), await found('axs_vyc'), await found('azs_vqc')]).toEqual([2, 1, 1])
    // Looks like a known one where it is looked up.
    for (const stage of ['embed', 'exbyd']) ai.recordAICallDuration('nlq', stage, 5)
    const called = (stage: string) => value('iac_ai_call_duration_ms_count', { capability: 'nlq', stage })
    expect([await called('embed'), await called('other')]).toEqual([1, 1])
  })

  it('take `other` itself for what it says, which is no overflow', async () => {
    const { value } = freshMetrics()
    ai.recordAICallDuration('other', 'other', 5)
    expect(await value('iac_ai_call_duration_ms_count', { capability: 'other', stage: 'other' })).toBe(1)
    const metric = 'iac_ai_call_duration_ms'
    expect(await value('honoscope_ai_label_overflow_total', { metric, label: 'stage' })).toBe(0)
  })

  it.each([
    [0, '0'],
    [9, '9'],
    [10, '10+'],
    [1e9, '10+'],
    [2.5, 'other'],
    [-1, 'other'],
  ])('write a count of %d as %s', async (given, written) => {
    const { value } = freshMetrics()
    ai.incCMDBQueryCount('aws_vpc', false, given)
    const labels = { resource_type: 'aws_vpc', status: 'not_found', candidate_count: written }
    expect(await value('iac_cmdb_query_total', labels)).toBe(1)
  })

  it('count tokens by provider and type', async () => {
    const { value } = freshMetrics()
    ai.recordAITokens('openai', 'input', 1200)
    ai.recordAITokens('openai', 'input', 34)
    expect(await value('iac_ai_tokens_total', { provider: 'openai', type: 'input' })).toBe(1234)
  })
})

describe('newTimer', () => {
  it('tells whole milliseconds, and never less than none', () => {
    let now = 1000.9
    const timer = ai.newTimer(() => now)
    expect(timer.elapsedMs()).toBe(0)
    now = 1003.8
    expect(timer.elapsedMs()).toBe(2)
    now = 10
    expect(timer.elapsedMs()).toBe(0)
  })

  it('tells 0 by a clock that is broken, and does not throw', () => {
    const broken: readonly (() => unknown)[] = [
      () => Number.NaN,
      () => 1n,
      () => undefined,
      () => {
        throw new Error('no time')
      },
    ]
    for (const clock of broken) expect(ai.newTimer(clock as () => number).elapsedMs()).toBe(0)
  })

  it('goes by the platform when it is given no clock', async () => {
    const timer = ai.newTimer()
    await new Promise((resolve) => setTimeout(resolve, 30))
    const elapsedMs = timer.elapsedMs()
    expect(elapsedMs).toBeGreaterThanOrEqual(25)
    expect(Number.isInteger(elapsedMs)).toBe(true)
    const misused: ai.Timer = Reflect.apply(ai.newTimer, undefined, [1, 0])
    expect(misused.elapsedMs()).toBeGreaterThanOrEqual(0)
  })
})

describe('metricsHandler', () => {
  it('serves these metrics alone, over HTTP', async () => {
    freshMetrics()
    const app = new Hono().get('/metrics', ai.metricsHandler())
    ai.incAICallCount('nlq', 'success')
    const server = await serve(app.fetch)
    try {
      const answer = await fetch(`${server.url}/metrics`)
      const text = await answer.text()
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
      expect(text).toContain('iac_ai_call_total{capability="nlq",status="success"} 1\n')
      expect(
        [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name).filter((name) => !/^iac_/.test(name ?? '')),
      ).toEqual(['honoscope_ai_label_overflow_total', 'honoscope_ai_dropped_calls_total'])
    } finally {
      await server.stop()
    }
  })
})
