import * as ai from '@honoscope/ai-metrics-compat'
import { createMetrics } from '@honoscope/metrics'
import { samplesOf } from '@honoscope/testing'
import { expect, it } from 'vitest'
import { usedHeapBytes } from './support/heap.ts'

/** 9 bytes for each of 900,000 calls: whoever keeps one invented text of each keeps more than ten times that. */
const allowedGrowthBytes = 8 * 1024 ** 2

/** The functions, each as a call with label values that no other call has. */
const inventedCalls: readonly ((text: string, n: number) => void)[] = [
  (text, n) => ai.recordAICallDuration(text, text, n),
  (text, n) => ai.recordVectorSearchDuration(text, text, n),
  (text, n) => ai.recordSkillAssemblyDuration(text, n, n),
  (text, n) => ai.recordParallelExecutionDuration(text, text, n),
  (text, n) => ai.recordDomainSkillSelection(n, text, n),
  (text, n) => ai.recordCMDBAssessment(n % 2 === 0, n, text, n),
  (text) => ai.incAICallCount(text, text),
  (text, n) => ai.incVectorSearchCount(text, n % 2 === 0),
  (text, n) => ai.incCMDBQueryCount(text, n % 2 === 0, n),
  (_, n) => ai.setActiveParallelTasks(n),
  (text, n) => ai.recordAITokens(text, text, n % 3 === 0 ? Number.NaN : n),
]

/** They take turns. */
function inventedCall(n: number): void {
  inventedCalls[n % inventedCalls.length]?.(`w${n.toString(36)}-invented`, n)
}

it('keeps memory and series flat over a million calls with invented label values', async () => {
  const metrics = createMetrics({ runtime: false })
  ai.useMetrics(metrics)
  for (let n = 0; n < 100_000; n++) inventedCall(n)
  const before = samplesOf(await metrics.render())
  const heapBefore = await usedHeapBytes()
  for (let n = 100_000; n < 1_000_000; n++) inventedCall(n)
  const heapAfter = await usedHeapBytes()
  const after = samplesOf(await metrics.render())
  expect(after.length).toBe(before.length)
  expect(after.length).toBeLessThan(10_000)
  expect(heapAfter - heapBefore).toBeLessThan(allowedGrowthBytes)
  // They were all taken: each became a value, and the labels that were folded are counted.
  const count = after.find(
    ({ name, labels }) => name === 'iac_ai_call_duration_ms_count' && labels.capability === 'other',
  )
  expect(count?.value).toBe(Math.ceil(1_000_000 / 11))
  const overflow = after.filter(({ name }) => name === 'honoscope_ai_label_overflow_total')
  expect(overflow.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThan(1_000_000)
}, 120_000)
