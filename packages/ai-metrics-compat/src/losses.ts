import { type Metrics, open } from '@honoscope/metrics'
import type { Label, LabelFactory, Labels } from './labels.ts'

/** The functions that take a value which may be none. */
const takers = [
  'recordAICallDuration',
  'recordVectorSearchDuration',
  'recordSkillAssemblyDuration',
  'recordParallelExecutionDuration',
  'recordDomainSkillSelection',
  'recordCMDBAssessment',
  'recordAITokens',
  'setActiveParallelTasks',
] as const

/** One of them. */
export type Taker = (typeof takers)[number]

/** The labels of one metric, before it is known where their folded values are counted. */
export type LabelFactories = readonly [LabelFactory, LabelFactory, LabelFactory?]

/** Counts what could not be recorded as it was given. Plain numbers, read at a scrape: losing must not cost more than recording. */
export interface Losses {
  /** Makes the labels of a metric, whose folded values are counted. */
  labels(metric: string, factories: LabelFactories): Labels
  /** Returns where the function counts calls whose value was none. */
  dropped(taker: Taker): Tally
}

/** A number that is added to. */
export interface Tally {
  count: number
}

/** Makes the two counters of losses. */
export function createLosses(metrics: Metrics): Losses {
  const labels: { readonly metric: string; readonly label: Label }[] = []
  const dropped = new Map<Taker, Tally>(takers.map((taker) => [taker, { count: 0 }]))
  metrics.counter({
    name: 'honoscope_ai_label_overflow_total',
    help: 'Label values that became "other": not a known value, or above the number of those that are kept.',
    labels: { metric: open(50), label: open(50) },
    collect(counter) {
      for (const { metric, label } of labels) counter.set({ metric, label: label.name }, label.folded)
    },
  })
  metrics.counter({
    name: 'honoscope_ai_dropped_calls_total',
    help: 'Calls that recorded nothing, because their value was no finite number of at least 0.',
    labels: { function: takers },
    collect(counter) {
      for (const [taker, { count }] of dropped) counter.set({ function: taker }, count)
    },
  })
  const labelled = (metric: string, factory: LabelFactory): Label => {
    const label = factory()
    labels.push({ metric, label })
    return label
  }
  return {
    labels: (metric, [first, second, third]) => [
      labelled(metric, first),
      labelled(metric, second),
      third === undefined ? undefined : labelled(metric, third),
    ],
    dropped: (taker) => dropped.get(taker) as Tally,
  }
}
