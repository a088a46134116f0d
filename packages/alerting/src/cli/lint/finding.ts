/** Rules that an exposition is held against. */
export type LintRule =
  | 'counter-total'
  | 'reserved-suffix'
  | 'base-unit'
  | 'type-in-name'
  | 'help'
  | 'type'
  | 'name'
  | 'label-name'
  | 'label-values'
  | 'label-secret'
  | 'series'
  | 'duplicate'

/** Something that an exposition does against a rule. */
export interface Finding {
  readonly rule: LintRule
  readonly metric: string
  readonly label?: string
  /** What is wrong and what to do. Holds no label value. */
  readonly message: string
  /** Why it is not counted as a fault. */
  readonly exception?: string
}

/** Limits above which labels are told. */
export interface LintLimits {
  /** Series of one metric. */
  readonly maxSeries: number
  /** Values of one label of one metric. */
  readonly maxValues: number
}
