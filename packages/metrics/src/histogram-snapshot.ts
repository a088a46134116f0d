import type { Sample, Snapshot } from './family.ts'
import type { Distribution } from './histogram.ts'
import { formatBound, formatLabels, formatValue } from './text.ts'
import { comma, writePairs, writePrefix } from './writer.ts'

const encoder = new TextEncoder()
const lineFeed = encoder.encode('\n')

/**
 * What a scrape sees of a histogram. A child is read in one go and its buckets are added up then, so within a child
 * the buckets never fall and `_count` is the last of them, whatever is recorded between two children.
 */
export function histogramSnapshot(name: string, bounds: readonly number[], distribution: Distribution): Snapshot {
  const { children } = distribution
  const size = children.size
  const stride = bounds.length + 1
  const hasNegativeBound = (bounds[0] as number) < 0
  const names = {
    bucket: encoder.encode(`${name}_bucket{`),
    sum: encoder.encode(`${name}_sum`),
    count: encoder.encode(`${name}_count`),
  }
  const ends = [bucketEnds(bounds, false), bucketEnds(bounds, true)] as const

  const write: Snapshot['write'] = (writer, child, openMetrics, extra) => {
    const { counts, sums, exemplars } = distribution
    const labels = children.bytes(child)
    const ending = ends[openMetrics ? 1 : 0]
    const start = writer.length
    writer.bytes(names.bucket)
    if (writePairs(writer, labels, extra)) writer.bytes(comma)
    const head = writer.length - start
    let total = 0
    for (let i = 0, at = child * stride; i < stride; i++, at++) {
      total += counts[at] as number
      if (i > 0) writer.repeat(start, head)
      writer.bytes(ending[i] as Uint8Array)
      writer.digits(total)
      const exemplar = openMetrics ? exemplars.text(at) : ''
      if (exemplar) writer.text(exemplar)
      writer.bytes(lineFeed)
    }
    // OpenMetrics has no sum, and no count without one, for a histogram of negative values: a sum may not fall there.
    if (openMetrics && hasNegativeBound) return
    writePrefix(writer, names.sum, labels, extra)
    writer.text(formatValue(sums[child] as number))
    writer.bytes(lineFeed)
    writePrefix(writer, names.count, labels, extra)
    writer.digits(total)
    writer.bytes(lineFeed)
  }

  return {
    children: size,
    seriesPerChild: stride + 2,
    write,
    samples: (child) => samplesOf(name, bounds, distribution, child),
  }
}

/** The samples of one child as prom-client's registry takes them. */
function samplesOf(name: string, bounds: readonly number[], distribution: Distribution, child: number): Sample[] {
  const { children, counts, sums } = distribution
  const labels = children.labels(child)
  const stride = bounds.length + 1
  const samples: Sample[] = []
  let total = 0
  for (let i = 0; i < stride; i++) {
    total += counts[child * stride + i] as number
    samples.push({ value: total, labels: { ...labels, le: bounds[i] ?? '+Inf' }, metricName: `${name}_bucket` })
  }
  samples.push({ value: sums[child] as number, labels, metricName: `${name}_sum` })
  samples.push({ value: total, labels, metricName: `${name}_count` })
  return samples
}

/** The end of each bucket line's labels, up to the space before the value. */
function bucketEnds(bounds: readonly number[], openMetrics: boolean): Uint8Array[] {
  const values = [...bounds, Number.POSITIVE_INFINITY]
  return values.map((bound) => encoder.encode(`${formatLabels({ le: formatBound(bound, openMetrics) })}} `))
}
