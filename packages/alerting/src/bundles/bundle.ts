import type { MetricCatalogue } from '../catalogue/description.ts'
import type { RuleSet } from '../rules/define-rules.ts'

/** Rules that are ready for use, with the metrics that they are about. */
export interface Bundle {
  /** In lower case: what the command line calls it. */
  readonly name: string
  /** What it is for, in a sentence. */
  readonly description: string
  readonly catalogue: MetricCatalogue
  readonly rules: RuleSet
}
