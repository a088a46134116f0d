import { readFileSync } from 'node:fs'
import { createMetrics } from '@honoscope/metrics'
import { type ExpositionSample, expositionFaults, hasPromtool, promtoolComplaints, samplesOf } from '@honoscope/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { bounds, cumulative, labelText, oldState } from '../test/old-model.ts'
import { type Call, goNames, replay } from '../test/replay.ts'
import { useMetrics } from './index.ts'

const file = (name: string): string => readFileSync(new URL(`../test/${name}`, import.meta.url), 'utf8')
const calls: readonly Call[] = JSON.parse(file('calls.json'))
const legacy = file('legacy-exposition.txt')
let text = ''

beforeAll(async () => {
  const metrics = createMetrics({ prefix: 'app_', runtime: false })
  useMetrics(metrics)
  replay(calls)
  text = await metrics.render()
})

/** Families of an exposition: name and type, one for each `# TYPE` line. */
const typesOf = (text: string): string[] =>
  [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)

/** Samples by name and labels, without those that only say that a metric exists. */
function seriesOf(text: string): Map<string, ExpositionSample> {
  const samples = samplesOf(text).filter(({ name }) => name.startsWith('iac_'))
  return new Map(samples.map((sample) => [`${sample.name}{${labelText(sample.labels)}}`, sample]))
}

const isBucket = (name: string): boolean => name.startsWith('iac_') && name.split('{')[0]?.endsWith('_bucket') === true

describe('the exposition after the calls, held against the old one', () => {
  it('replays calls of every function that is ported', () => {
    expect(calls.length).toBe(239 + 1)
    expect(new Set(calls.map(([name]) => name))).toEqual(new Set(Object.keys(goNames)))
  })

  it('has the same metrics with the same types, and one more', () => {
    const families = typesOf(text).filter((family) => family.startsWith('iac_'))
    expect(families.filter((family) => family !== 'iac_ai_tokens_total counter').sort()).toEqual(
      [...new Set(typesOf(legacy))].sort(),
    )
    expect(families).toHaveLength(11)
  })

  it('has the same series: label names, label values and le bounds', () => {
    expect([...seriesOf(text).keys()].sort()).toEqual([...seriesOf(legacy).keys()].sort())
  })

  it('has the same values, to the old two decimals: _count, _sum, +Inf, counters and gauge', () => {
    const now = seriesOf(text)
    let compared = 0
    for (const [key, { name, value }] of seriesOf(legacy)) {
      if (isBucket(key) && !key.includes('le="+Inf"')) continue
      const found = now.get(key)?.value ?? Number.NaN
      if (name.endsWith('_sum')) expect(found.toFixed(2), key).toBe(value.toFixed(2))
      else expect(found, key).toBe(value)
      compared++
    }
    expect(compared).toBe(197)
  })

  it('has the bucket counts that the calls themselves make', () => {
    const now = seriesOf(text)
    let compared = 0
    for (const [metric, series] of oldState(calls).histograms) {
      for (const [labels, observations] of series) {
        const counts = bucketValues(now, metric, labels)
        expect(counts, `${metric}{${labels}}`).toEqual(cumulative(observations))
        compared++
      }
    }
    expect(compared).toBeGreaterThan(40)
  })
})

describe('the two faults of the old exporter', () => {
  it('accumulated its buckets twice, which is not kept', () => {
    const old = seriesOf(legacy)
    const now = seriesOf(text)
    let above = 0
    for (const [metric, series] of oldState(calls).histograms) {
      for (const [labels, observations] of series) {
        const buckets = bucketValues(old, metric, labels).slice(0, -1)
        let total = 0
        const twice = cumulative(observations)
          .slice(0, -1)
          .map((count) => (total += count))
        expect(buckets, `${metric}{${labels}}`).toEqual(twice)
        const count = old.get(`${metric}_count{${labels}}`)?.value ?? Number.NaN
        if ((buckets.at(-1) ?? 0) > count) above++
        const last = bucketValues(now, metric, labels).at(-2) ?? Number.NaN
        expect(last, `${metric}{${labels}}`).toBeLessThanOrEqual(now.get(`${metric}_count{${labels}}`)?.value ?? -1)
      }
    }
    expect(above).toBeGreaterThan(0)
    expect(expositionFaults(legacy).length).toBeGreaterThan(0)
    expect(expositionFaults(text)).toEqual([])
  })

  it('repeated # HELP and # TYPE for each series, which is not kept', () => {
    expect(typesOf(legacy).length).toBeGreaterThan(new Set(typesOf(legacy)).size)
    expect(typesOf(text).length).toBe(new Set(typesOf(text)).size)
    expect(text.match(/^# HELP /gm)).toHaveLength(typesOf(text).length)
  })

  it.skipIf(!hasPromtool)(
    `of which promtool refuses the old text and takes the new${hasPromtool ? '' : ' (skipped: no promtool)'}`,
    () => {
      expect(promtoolComplaints(legacy).join('\n')).toMatch(/second (HELP|TYPE) line/)
      expect(promtoolComplaints(text).filter((line) => !/unit|_ms/.test(line))).toEqual([])
    },
  )
})

/** Values of a series' bucket lines, in ascending order of their bounds. */
function bucketValues(series: Map<string, ExpositionSample>, metric: string, labels: string): number[] {
  return [...bounds, '+Inf'].map((bound) => {
    const parsed = Object.fromEntries(
      [...labels.matchAll(/(\w+)="(.*?)"/g)].map(([, name, value]) => [name, value ?? '']),
    )
    return series.get(`${metric}_bucket{${labelText({ ...parsed, le: String(bound) })}}`)?.value ?? Number.NaN
  })
}
