import { type ExpositionSample, samplesOf } from './exposition.ts'

/**
 * What is wrong with an exposition of either format, in words; none when all is well. It looks for what `promtool` and
 * the OpenMetrics parser let pass: a series or a header twice, a family in two places, samples without a header,
 * buckets that fall, a histogram without `+Inf`, or whose `_count` is another number.
 */
export function expositionFaults(text: string): string[] {
  return [...headerFaults(text), ...duplicateSeries(text), ...bucketFaults(samplesOf(text))]
}

function duplicateSeries(text: string): string[] {
  const seen = new Set<string>()
  const faults: string[] = []
  for (const { name, labels } of samplesOf(text)) {
    const series = keyOf(name, labels)
    if (seen.has(series)) faults.push(`series twice: ${series}`)
    seen.add(series)
  }
  return faults
}

function headerFaults(text: string): string[] {
  const faults: string[] = []
  const families = new Set<string>()
  let family = ''
  for (const line of text.split('\n')) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line)
    if (type !== null) {
      family = type[1] ?? ''
      if (families.has(family)) faults.push(`family twice: ${family}`)
      families.add(family)
    } else if (line !== '' && !line.startsWith('#')) {
      const name = /^[^{ ]+/.exec(line)?.[0] ?? ''
      const rest = name.startsWith(family) ? name.slice(family.length) : 'x'
      if (!/^(_total|_bucket|_sum|_count|_created)?$/.test(rest)) faults.push(`sample outside of its family: ${line}`)
    }
  }
  return faults
}

interface Buckets {
  last: number
  infinite: number | undefined
}

function bucketFaults(samples: readonly ExpositionSample[]): string[] {
  const faults: string[] = []
  const histograms = new Map<string, Buckets>()
  for (const { name, labels, value } of samples) {
    const { le, ...rest } = labels
    if (name.endsWith('_bucket') && le !== undefined) {
      const child = keyOf(name.slice(0, -7), rest)
      const buckets = histograms.get(child) ?? { last: 0, infinite: undefined }
      if (value < buckets.last) faults.push(`falling bucket: ${child} le=${le}: ${value} after ${buckets.last}`)
      histograms.set(child, { last: value, infinite: le === '+Inf' ? value : buckets.infinite })
    }
  }
  for (const { name, labels, value } of samples) {
    const buckets = name.endsWith('_count') ? histograms.get(keyOf(name.slice(0, -6), labels)) : undefined
    if (buckets !== undefined && buckets.infinite !== value) {
      faults.push(`count is not the +Inf bucket: ${keyOf(name, labels)}: ${value}, ${buckets.infinite}`)
    }
  }
  for (const [child, { infinite }] of histograms) if (infinite === undefined) faults.push(`no +Inf bucket: ${child}`)
  return faults
}

function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(labels)
    .toSorted()
    .map((label) => `${label}="${labels[label]}"`)
  return `${name}{${pairs.join(',')}}`
}
