import type { TraceContext } from '@honoscope/core'
import type { Recording } from './family.ts'
import { formatValue } from './text.ts'

interface Exemplar {
  traceId: string
  spanId: string
  value: number
  /** Milliseconds since the epoch. */
  at: number
}

/** The last exemplar of each sample of a metric. */
export interface Exemplars {
  /** Keeps the value if there is a span to point to: `trace`, or else the current one. */
  record(sample: number, value: number, trace: TraceContext | undefined): void
  /** What comes after the sample's value in OpenMetrics; `''` for none, or for ids that are none. */
  text(sample: number): string
}

const traceIdPattern = /^[0-9a-f]{32}$/
const spanIdPattern = /^[0-9a-f]{16}$/

/** Makes the store of one metric's exemplars. */
export function createExemplars({ traceContext, now }: Recording): Exemplars {
  const kept: (Exemplar | undefined)[] = []
  const current = (): TraceContext | undefined => {
    if (traceContext === undefined) return undefined
    try {
      return traceContext()
    } catch {
      return undefined
    }
  }
  return {
    record(sample, value, trace) {
      const context = trace ?? current()
      if (context === undefined) return
      const { traceId, spanId } = context
      const exemplar = kept[sample]
      if (exemplar === undefined) {
        kept[sample] = { traceId, spanId, value, at: now() }
        return
      }
      exemplar.traceId = traceId
      exemplar.spanId = spanId
      exemplar.value = value
      exemplar.at = now()
    },
    text(sample) {
      const exemplar = kept[sample]
      if (exemplar === undefined) return ''
      const { traceId, spanId, value, at } = exemplar
      // Looked at here and not where it is recorded: four times in each sampled request that took as long as all else.
      if (!traceIdPattern.test(traceId) || !spanIdPattern.test(spanId)) return ''
      return ` # {trace_id="${traceId}",span_id="${spanId}"} ${formatValue(value)} ${(at / 1000).toFixed(3)}`
    },
  }
}
