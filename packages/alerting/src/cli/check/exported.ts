import type { Family } from '../exposition/parse.ts'

/** What an endpoint exports, as rules ask for it. */
export interface Exported {
  /** Names of its series. */
  readonly series: ReadonlySet<string>
  /** Whether some sample of the series has the label; true as well while there is none to look at. */
  hasLabel(series: string, label: string): boolean
}

/** Returns what the metrics offer; one without a sample has all of its series. */
export function exportedBy(families: readonly Family[]): Exported {
  const labels = new Map<string, Set<string>>()
  const named = new Set<string>()
  for (const family of families) {
    named.add(family.name)
    if (family.type === 'histogram') named.add(`${family.name}_bucket`)
    if (family.type === 'histogram' || family.type === 'summary') {
      named.add(`${family.name}_count`).add(`${family.name}_sum`)
    }
    for (const sample of family.samples) {
      const known = labels.get(sample.name) ?? new Set()
      labels.set(sample.name, known)
      for (const label of sample.labels.keys()) known.add(label)
    }
  }
  return {
    series: named,
    hasLabel: (series, label) => labels.get(series)?.has(label) ?? true,
  }
}
