import type { Family } from '../exposition/parse.ts'
import { withException } from './exceptions.ts'
import type { Finding, LintLimits } from './finding.ts'
import { lintLabels } from './labels.ts'
import { lintName } from './names.ts'

/** Returns what the metrics do against the rules; known exceptions too, with their reason. */
export function lint(families: readonly Family[], limits: LintLimits): readonly Finding[] {
  return families.flatMap((family) => [...lintName(family), ...lintLabels(family, limits)]).map(withException)
}
