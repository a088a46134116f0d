import { type MetricCatalogue, targetLabels } from '../../catalogue/description.ts'
import { findSeries } from '../../catalogue/series.ts'
import type { Exported } from './exported.ts'
import { type Kind, kinds } from './kinds.ts'
import type { Use } from './uses.ts'

/** A series, or a label of it, that a rule or a panel names and the endpoint doesn't export. */
export interface Missing {
  readonly by: string
  readonly series: string
  /** The label, where the series is there and the label is not. */
  readonly label?: string
  /** Who else exports it, or which kind of metrics the endpoint exports none of: no fault, then. */
  readonly elsewhere?: string
}

/** What the uses are held against. */
export interface Against {
  readonly exported: Exported
  /** Names of what rules record: Prometheus has it. */
  readonly recorded: ReadonlySet<string>
  /** The user's own metrics: each has to be there. */
  readonly own: MetricCatalogue
  /** True when the bundles were named: then all of their metrics have to be there, too. */
  readonly strict: boolean
}

/**
 * Returns what is missing. What an exporter beside the service has is from elsewhere. So is what belongs to metrics of
 * which the endpoint exports none at all, unless `strict`: a shop has no rules for TokMesh to fulfil.
 */
export function missingOf(uses: readonly Use[], against: Against): readonly Missing[] {
  const { exported, recorded } = against
  const inUse = new Set([...exported.series].map(kindOf))
  const found = new Map<string, Missing>()
  for (const { by, series, labels } of uses) {
    if (recorded.has(series)) continue
    if (!exported.series.has(series)) {
      const elsewhere = elsewhereOf(series, against, inUse)
      found.set(`${by} ${series}`, { by, series, ...(elsewhere !== undefined && { elsewhere }) })
      continue
    }
    for (const label of labels) {
      if (isTarget(label) || exported.hasLabel(series, label)) continue
      found.set(`${by} ${series} ${label}`, { by, series, label })
    }
  }
  return [...found.values()]
}

const kindOf = (series: string): Kind | undefined => kinds.find(({ has }) => has(series))

const isTarget = (label: string): boolean => (targetLabels as readonly string[]).includes(label)

function elsewhereOf(series: string, { own, strict }: Against, inUse: ReadonlySet<unknown>): string | undefined {
  if (findSeries(own, series)) return undefined
  const kind = kindOf(series)
  if (kind?.elsewhere) return kind.name
  // Node has metrics that Bun has not, and the other way round.
  if (kind && !inUse.has(kind) && (!strict || kind.name.startsWith('the runtime '))) return kind.name
  return undefined
}
