import type { Call } from './replay.ts'

/** What the old implementation kept, in the plainest form that can be thought of: every observation of each series. */
export interface OldState {
  /** Observations by metric and by labels, written as `a="b",c="d"` in alphabetical order. */
  readonly histograms: Map<string, Map<string, number[]>>
  readonly counters: Map<string, Map<string, number>>
  gauge: number | undefined
}

/** Upper bounds of every histogram. */
export const bounds: readonly number[] = [10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000]

/** Which labels a function's arguments become, in their order. The duration, if there is one, comes last. */
const histogramLabels: Readonly<Record<string, readonly [metric: string, ...labels: string[]]>> = {
  RecordAICallDuration: ['iac_ai_call_duration_ms', 'capability', 'stage'],
  RecordVectorSearchDuration: ['iac_vector_search_duration_ms', 'resource_type', 'stage'],
  RecordSkillAssemblyDuration: ['iac_skill_assembly_duration_ms', 'capability', 'skill_count'],
  RecordParallelExecutionDuration: ['iac_parallel_execution_ms', 'task', 'status'],
  RecordDomainSkillSelection: ['iac_domain_skill_selection_ms', 'skill_count', 'method'],
  RecordCMDBAssessment: ['iac_cmdb_assessment_ms', 'need_cmdb', 'resource_type_count', 'method'],
}

/** Labels as text, sorted by name as the old exporter wrote them. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort()
  return names.map((name) => `${name}="${labels[name]}"`).join(',')
}

/** The state after the calls. `write` makes an argument the value of a label, which the old code left as it was. */
export function oldState(calls: readonly Call[], write = (_label: string, value: unknown) => String(value)): OldState {
  const state: OldState = { histograms: new Map(), counters: new Map(), gauge: undefined }
  const text = (labels: Record<string, unknown>): string =>
    labelText(Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, write(label, value)])))
  const count = (metric: string, labels: Record<string, unknown>): void => {
    const series = entry(state.counters, metric)
    series.set(text(labels), (series.get(text(labels)) ?? 0) + 1)
  }
  for (const [name, first, second, third, fourth] of calls) {
    const [metric, ...labels] = histogramLabels[name] ?? []
    if (metric !== undefined) {
      const args = [first, second, third, fourth]
      const series = entry(state.histograms, metric)
      const key = text(Object.fromEntries(labels.map((label, i) => [label, args[i]])))
      series.set(key, [...(series.get(key) ?? []), Number(args[labels.length])])
    } else if (name === 'IncAICallCount') count('iac_ai_call_total', { capability: first, status: second })
    else if (name === 'IncVectorSearchCount') {
      count('iac_vector_search_total', { resource_type: first, status: second ? 'found' : 'not_found' })
    } else if (name === 'IncCMDBQueryCount') {
      const status = !second ? 'not_found' : Number(third) > 1 ? 'multiple' : 'found'
      count('iac_cmdb_query_total', { resource_type: first, status, candidate_count: third })
    } else if (name === 'SetActiveParallelTasks') state.gauge = Number(first)
    else throw new Error(`the model knows no ${name}`)
  }
  return state
}

function entry<T>(map: Map<string, Map<string, T>>, metric: string): Map<string, T> {
  const found = map.get(metric) ?? new Map<string, T>()
  map.set(metric, found)
  return found
}

/** Observations up to each bound, `+Inf` last: what the bucket lines of a histogram must say. */
export function cumulative(observations: readonly number[]): number[] {
  return [...bounds, Number.POSITIVE_INFINITY].map((bound) => observations.filter((value) => value <= bound).length)
}
