import type { Snapshot } from './family.ts'
import type { ForeignSample, ForeignValues } from './registry.ts'
import { formatBound, formatLabels, formatValue } from './text.ts'

/**
 * What a scrape sees of a metric of prom-client: each of its samples is a child. Nothing of the metric is changed,
 * so a scrape in one format leaves no mark on the next in the other.
 */
export function foreignSnapshot({ name, type, values = [] }: ForeignValues): Snapshot {
  const isCounter = type === 'counter'
  const write: Snapshot['write'] = (writer, child, openMetrics, extra) => {
    const sample = values[child] as ForeignSample
    const own = sample.metricName ?? name
    const sampleName = openMetrics && isCounter && !own.endsWith('_total') ? `${own}_total` : own
    const pairs = [foreignLabels(sample.labels, openMetrics), extra].filter(Boolean).join(',')
    const line = `${sampleName}${pairs && `{${pairs}}`} ${formatValue(sample.value)}`
    writer.text(openMetrics ? `${line}${foreignExemplar(sample)}\n` : `${line}\n`)
  }
  return { children: values.length, seriesPerChild: 1, write, samples: (child) => [values[child] as ForeignSample] }
}

function foreignLabels(labels: Readonly<Record<string, unknown>> | undefined, openMetrics: boolean): string {
  if (labels === undefined || labels === null) return ''
  if (!openMetrics) return formatLabels(labels)
  const canonical = { ...labels }
  for (const name of ['le', 'quantile']) {
    const bound = canonical[name]
    if (typeof bound === 'number') canonical[name] = formatBound(bound, true)
  }
  return formatLabels(canonical)
}

function foreignExemplar({ exemplar }: ForeignSample): string {
  if (!exemplar || Object.keys(exemplar.labelSet).length === 0) return ''
  const { labelSet, value, timestamp } = exemplar
  return ` # {${formatLabels(labelSet)}} ${formatValue(value)}${timestamp === undefined ? '' : ` ${timestamp.toFixed(3)}`}`
}
