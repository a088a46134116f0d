import type { Sample, Snapshot } from './family.ts'
import type { Distribution } from './histogram.ts'
import { formatBound, formatLabels, formatValue } from './text.ts'

/**
 * What a scrape sees of a histogram. A child is read in one go and its buckets are added up then, so within a child
 * the buckets never fall and `_count` is the last of them, whatever is recorded between two children.
 */
export function histogramSnapshot(name: string, bounds: readonly number[], distribution: Distribution): Snapshot {
  const { children } = distribution
  const size = children.size
  const stride = bounds.length + 1
  const hasNegativeBound = (bounds[0] as number) < 0
  const ends = [bucketEnds(bounds, false), bucketEnds(bounds, true)] as const

  const text = (child: number, openMetrics: boolean, extra: string): string => {
    const { counts, sums, exemplars } = distribution
    const pairs = [children.text(child), extra].filter(Boolean).join(',')
    const prefix = `${name}_bucket{${pairs}${pairs && ','}`
    const ending = ends[openMetrics ? 1 : 0]
    let lines = ''
    let total = 0
    for (let i = 0, at = child * stride; i < stride; i++, at++) {
      total += counts[at] as number
      lines += prefix + (ending[i] as string) + total
      lines += openMetrics ? `${exemplars.text(at)}\n` : '\n'
    }
    const labels = pairs && `{${pairs}}`
    // OpenMetrics has no sum, and no count without one, for a histogram of negative values: a sum may not fall there.
    if (openMetrics && hasNegativeBound) return lines
    lines += `${name}_sum${labels} ${formatValue(sums[child] as number)}\n`
    return `${lines}${name}_count${labels} ${total}\n`
  }

  const samples = (child: number): Sample[] => {
    const { counts, sums } = distribution
    const labels = children.labels(child)
    const out: Sample[] = []
    let total = 0
    for (let i = 0; i < stride; i++) {
      total += counts[child * stride + i] as number
      out.push({ value: total, labels: { ...labels, le: bounds[i] ?? '+Inf' }, metricName: `${name}_bucket` })
    }
    out.push({ value: sums[child] as number, labels, metricName: `${name}_sum` })
    out.push({ value: total, labels, metricName: `${name}_count` })
    return out
  }

  return { children: size, seriesPerChild: stride + 2, text, samples }
}

/** The end of each bucket line's labels, up to the space before the value. */
function bucketEnds(bounds: readonly number[], openMetrics: boolean): string[] {
  const values = [...bounds, Number.POSITIVE_INFINITY]
  return values.map((bound) => `${formatLabels({ le: formatBound(bound, openMetrics) })}} `)
}
