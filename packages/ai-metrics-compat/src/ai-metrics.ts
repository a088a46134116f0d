import { currentScope, type LabelSpec, type TraceContext } from '@honoscope/core'
import { createMetrics, type Metrics, open } from '@honoscope/metrics'
import { capabilities, durationBuckets, methods, stages, statuses, tasks } from './known-values.ts'
import { closed, count, createFinder, flag, type Labels, openText } from './labels.ts'
import { createLosses, type LabelFactories, type Losses, type Taker } from './losses.ts'

/** Records one call: its value, then its label values. Takes anything and never throws. */
export type Recording = (value: unknown, first: unknown, second: unknown, third?: unknown) => void

/** One set of the metrics behind the functions of this package, in a registry of its own. */
export interface AiMetrics {
  /** The registry that holds these metrics and no others, and its handler. */
  readonly metrics: Pick<Metrics, 'registry' | 'handler'>
  readonly aiCallDuration: Recording
  readonly vectorSearchDuration: Recording
  readonly skillAssemblyDuration: Recording
  readonly parallelExecutionDuration: Recording
  readonly domainSkillSelection: Recording
  readonly cmdbAssessment: Recording
  readonly aiCalls: Recording
  readonly vectorSearches: Recording
  readonly cmdbQueries: Recording
  readonly aiTokens: Recording
  readonly activeParallelTasks: (count: unknown) => void
}

const resourceType = openText('resource_type', 50)
const capability = closed('capability', capabilities)
const stage = closed('stage', stages)
const status = closed('status', statuses)
const method = closed('method', methods)
const skillCount = count('skill_count')

/** Makes a new set, everything at zero. */
export function createAiMetrics(): AiMetrics {
  const metrics = createMetrics({ runtime: false })
  // What a catalogue tells about itself would stand in the way of the same metrics in the app's registry.
  metrics.registry.clear()
  const losses = createLosses(metrics)

  const durations = (taker: Taker, name: string, help: string, ...factories: LabelFactories): Recording => {
    const labels = losses.labels(name, factories)
    const histogram = metrics.histogram({ name, help, labels: specOf(labels), buckets: durationBuckets, init: false })
    const find = createFinder(labels, (values) => histogram.series(values))
    const dropped = losses.dropped(taker)
    return (value, first, second, third) => {
      if (isAmount(value)) find(first, second, third).observe(value, sampledSpan())
      else dropped.count++
    }
  }
  const counter = (name: string, help: string, ...factories: LabelFactories): Recording => {
    const labels = losses.labels(name, factories)
    const total = metrics.counter({ name, help, labels: specOf(labels), init: false })
    const find = createFinder(labels, (values) => total.series(values))
    // The other functions with a counter add 1 each time.
    const dropped = losses.dropped('recordAITokens')
    return (value, first, second, third) => {
      if (isAmount(value)) find(first, second, third).inc(value, sampledSpan())
      else dropped.count++
    }
  }
  return { metrics, ...createDurations(durations), ...createCounters(counter), ...createGauge(metrics, losses) }
}

type MakeDurations = (taker: Taker, name: string, help: string, ...labels: LabelFactories) => Recording

function createDurations(make: MakeDurations) {
  return {
    aiCallDuration: make(
      'recordAICallDuration',
      'iac_ai_call_duration_ms',
      'Duration of AI calls and their stages, in milliseconds.',
      capability,
      stage,
    ),
    vectorSearchDuration: make(
      'recordVectorSearchDuration',
      'iac_vector_search_duration_ms',
      'Duration of vector searches and their stages, in milliseconds.',
      resourceType,
      stage,
    ),
    skillAssemblyDuration: make(
      'recordSkillAssemblyDuration',
      'iac_skill_assembly_duration_ms',
      'Time to put skills together, in milliseconds.',
      capability,
      skillCount,
    ),
    parallelExecutionDuration: make(
      'recordParallelExecutionDuration',
      'iac_parallel_execution_ms',
      'Duration of tasks that ran beside others, in milliseconds.',
      closed('task', tasks),
      status,
    ),
    domainSkillSelection: make(
      'recordDomainSkillSelection',
      'iac_domain_skill_selection_ms',
      'Time to select domain skills, in milliseconds.',
      skillCount,
      method,
    ),
    cmdbAssessment: make(
      'recordCMDBAssessment',
      'iac_cmdb_assessment_ms',
      'Time to assess whether the CMDB is needed, in milliseconds.',
      flag('need_cmdb', 'true', 'false'),
      count('resource_type_count'),
      method,
    ),
  }
}

function createCounters(make: (name: string, help: string, ...labels: LabelFactories) => Recording) {
  const found = closed('status', ['found', 'multiple', 'not_found'])
  return {
    aiCalls: make('iac_ai_call_total', 'AI calls, by how they ended.', capability, status),
    vectorSearches: make(
      'iac_vector_search_total',
      'Vector searches, by whether something was found.',
      resourceType,
      flag('status', 'found', 'not_found'),
    ),
    cmdbQueries: make(
      'iac_cmdb_query_total',
      'CMDB queries, by what was found.',
      resourceType,
      found,
      count('candidate_count'),
    ),
    aiTokens: make(
      'iac_ai_tokens_total',
      'Tokens that were sent to and received from AI providers.',
      openText('provider', 20),
      openText('type', 10),
    ),
  }
}

function createGauge(metrics: Metrics, losses: Losses): Pick<AiMetrics, 'activeParallelTasks'> {
  const gauge = metrics.gauge({ name: 'iac_active_parallel_tasks', help: 'Tasks that run beside others now.' }).series()
  const dropped = losses.dropped('setActiveParallelTasks')
  return {
    activeParallelTasks(count) {
      if (isAmount(count)) gauge.set(count)
      else dropped.count++
    },
  }
}

/** The values are folded already, so the catalogue only has to make room for as many. */
function specOf(labels: Labels): LabelSpec {
  return Object.fromEntries(labels.flatMap((label) => (label === undefined ? [] : [[label.name, open(label.size)]])))
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
}

/** What an exemplar points to; one that is not exported leads nowhere. */
function sampledSpan(): TraceContext | undefined {
  const span = currentScope()?.span
  return span?.sampled ? span : undefined
}
