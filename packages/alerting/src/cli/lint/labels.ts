import type { Family } from '../exposition/parse.ts'
import type { Finding, LintLimits } from './finding.ts'
import { kindOfValue } from './value-kind.ts'

/** Prometheus gives these to each target itself, and renames an exporter's own. */
const targetOwn = ['job', 'instance']

/** Labels that have a value for each user or request, whatever the values look like. */
const unbounded =
  /^(user_?id|session_?id|account_?id|customer_?id|request_?id|trace_?id|span_?id|token|token_hash|api_?key|secret|password|e?mail|ip|ip_address|url|query|timestamp)$/i

/** Returns what is wrong with the labels of a metric, their values, and how many series there are. */
export function lintLabels(family: Family, { maxSeries, maxValues }: LintLimits): readonly Finding[] {
  const { name: metric, samples } = family
  const found: Finding[] = []
  if (samples.length > maxSeries) {
    found.push({ rule: 'series', metric, message: `${samples.length} series, and ${maxSeries} is the limit` })
  }
  for (const [label, values] of valuesOf(family)) {
    const tell = (rule: Finding['rule'], message: string) => found.push({ rule, metric, label, message })
    const fault = nameFault(label, family)
    if (fault) tell('label-name', fault)
    if (values.size > maxValues) tell('label-values', `${values.size} values, and ${maxValues} is the limit`)
    const kinds = countKinds(values, isBuild(metric) ? ['a hash'] : [])
    if (kinds) tell('label-secret', kinds)
  }
  if (hasDuplicate(family)) found.push({ rule: 'duplicate', metric, message: 'a series stands in it twice' })
  return found
}

function valuesOf({ type, samples }: Family): ReadonlyMap<string, ReadonlySet<string>> {
  const labels = new Map<string, Set<string>>()
  for (const sample of samples) {
    for (const [label, value] of sample.labels) {
      if (ownOf(type) === label) continue
      const values = labels.get(label) ?? new Set()
      labels.set(label, values.add(value))
    }
  }
  return labels
}

/** The label that the format itself gives to the series of a type. */
const ownOf = (type: Family['type']) => ({ histogram: 'le', summary: 'quantile' })[type as 'histogram']

function nameFault(label: string, { type }: Family): string | undefined {
  if (label === 'le' || label === 'quantile') return `the format has this label for itself, and not for a ${type}`
  if (label.startsWith('__')) return 'what begins with __ is for Prometheus itself'
  if (targetOwn.includes(label)) return `Prometheus sets it for each target: this one becomes exported_${label}`
  if (!/^[a-z][a-z0-9_]*$/.test(label)) return 'names are in lower snake_case'
  if (unbounded.test(label)) return 'by its name it has a value for each user, request or secret'
  return undefined
}

/** One series for each target, with the commit that it was built from: all exporters in Go have it. */
const isBuild = (metric: string): boolean => /(^|_)(build|version)_info$/.test(metric)

/** Returns how many of the values look like what; of no value more than that. */
function countKinds(values: ReadonlySet<string>, except: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const value of values) {
    const kind = kindOfValue(value)
    if (kind && !except.includes(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  if (counts.size === 0) return undefined
  const kinds = [...counts].map(([kind, count]) =>
    count === 1 ? `1 looks like ${kind}` : `${count} look like ${kind}`,
  )
  return `of ${values.size === 1 ? '1 value' : `${values.size} values`}, ${kinds.join(', ')}`
}

function hasDuplicate({ samples }: Family): boolean {
  const seen = new Set<string>()
  for (const { name, labels } of samples) {
    seen.add(JSON.stringify([name, [...labels].sort(([a], [b]) => (a < b ? -1 : 1))]))
  }
  return seen.size < samples.length
}
