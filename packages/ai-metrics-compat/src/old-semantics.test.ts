import { createMetrics } from '@honoscope/metrics'
import { samplesOf } from '@honoscope/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cumulative, labelText, type OldState, oldState } from '../test/old-model.ts'
import { type Call, replay } from '../test/replay.ts'
import { useMetrics } from './index.ts'
import { capabilities, methods, stages, statuses, tasks } from './known-values.ts'

/** What the new labels do to a value that the old ones took as it was, written again without the code under test. */
function folded(label: string, value: unknown): string {
  const known: Readonly<Record<string, readonly string[]>> = {
    capability: capabilities,
    stage: stages,
    task: tasks,
    method: methods,
    status: [...statuses, 'found', 'not_found', 'multiple'],
  }
  if (label.endsWith('_count')) return Number(value) > 9 ? '10+' : String(value)
  return known[label]?.includes(String(value)) === false ? 'other' : String(value)
}

const unknown = fc.string({ maxLength: 8 }).map((text) => `x${text.replace(/[\\"\n\p{Surrogate}]/gu, '')}`)
const oneOf = (values: readonly string[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: unknown })
const capability = oneOf(capabilities)
const stage = oneOf(stages)
const status = oneOf(statuses)
const method = oneOf(methods)
const resource = fc.constantFrom('aws_instance', 'aws_subnet', 'aws_vpc', 'a "quoted\\name"'.replace(/["\\]/g, '_'))
const count = fc.oneof(fc.nat(12), fc.nat())
/** In hundredths, and at the very bounds of the buckets. */
const durationMs = fc.oneof(
  fc.nat(20_000_000).map((hundredths) => hundredths / 100),
  fc.constantFrom(0, 10, 50, 60_000, 60_000.01),
)

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(fc.constant('RecordAICallDuration'), capability, stage, durationMs),
  fc.tuple(fc.constant('RecordVectorSearchDuration'), resource, stage, durationMs),
  fc.tuple(fc.constant('RecordSkillAssemblyDuration'), capability, count, durationMs),
  fc.tuple(fc.constant('RecordParallelExecutionDuration'), oneOf(tasks), status, durationMs),
  fc.tuple(fc.constant('RecordDomainSkillSelection'), count, method, durationMs),
  fc.tuple(fc.constant('RecordCMDBAssessment'), fc.boolean(), count, method, durationMs),
  fc.tuple(fc.constant('IncAICallCount'), capability, status),
  fc.tuple(fc.constant('IncVectorSearchCount'), resource, fc.boolean()),
  fc.tuple(fc.constant('IncCMDBQueryCount'), resource, fc.boolean(), count),
  fc.tuple(fc.constant('SetActiveParallelTasks'), count),
)

/** Every sample that there must be, by name and labels. */
function expected({ histograms, counters, gauge }: OldState): Map<string, number> {
  const samples = new Map<string, number>([['iac_active_parallel_tasks{}', gauge ?? 0]])
  for (const [metric, series] of counters)
    for (const [labels, value] of series) samples.set(`${metric}{${labels}}`, value)
  for (const [metric, series] of histograms) {
    for (const [labels, observations] of series) {
      samples.set(`${metric}_count{${labels}}`, observations.length)
      samples.set(
        `${metric}_sum{${labels}}`,
        observations.reduce((sum, value) => sum + value, 0),
      )
      samples.set(`${metric} buckets{${labels}}`, Number(cumulative(observations).join('')))
    }
  }
  return samples
}

/** The same of an exposition. The bucket lines of a series become one number, their digits in a row. */
function found(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  const buckets = new Map<string, string>()
  for (const { name, labels, value } of samplesOf(text)) {
    if (!name.startsWith('iac_')) continue
    const { le, ...rest } = labels
    const key = `${name.replace(/_bucket$/, ' buckets')}{${labelText(rest)}}`
    if (le === undefined) samples.set(key, value)
    else buckets.set(key, `${buckets.get(key) ?? ''}${value}`)
  }
  for (const [key, digits] of buckets) samples.set(key, Number(digits))
  return samples
}

it('keeps, for any list of calls, what the old implementation kept, with unknown values folded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 60 }), async (calls) => {
      const metrics = createMetrics({ runtime: false })
      useMetrics(metrics)
      replay(calls)
      const samples = found(await metrics.render())
      const model = expected(oldState(calls, folded))
      expect([...samples.keys()].sort()).toEqual([...model.keys()].sort())
      for (const [key, value] of model) {
        if (key.includes('_sum{')) expect(samples.get(key), key).toBeCloseTo(value, 6)
        else expect(samples.get(key), key).toBe(value)
      }
    }),
    { numRuns: 200 },
  )
})
