import type { GenAiMetrics } from './metrics.ts'

/** What of the observing failed. */
export const steps: readonly ['request', 'response', 'metrics', 'span', 'content'] = [
  'request',
  'response',
  'metrics',
  'span',
  'content',
]

/** @see steps */
export type Step = (typeof steps)[number]

/** Why something could not be read. */
export const unparsedReasons: readonly ['malformed', 'truncated', 'too_large'] = ['malformed', 'truncated', 'too_large']

/** @see unparsedReasons */
export type UnparsedReason = (typeof unparsedReasons)[number]

/** Keeps what fails in observing a call from reaching the call. */
export interface Guard {
  /** Returns what `work` returns; `undefined`, and a count, when it throws. */
  attempt<T>(step: Step, work: () => T): T | undefined
  /** Counts a body, or an event of one, that could not be read. Never throws. */
  unparsed(part: 'request' | 'response', reason: UnparsedReason): void
}

/** Returns a guard that counts in `metrics`, if there are any. */
export function createGuard(metrics: GenAiMetrics | undefined): Guard {
  return {
    attempt(step, work) {
      try {
        return work()
      } catch {
        quietly(() => metrics?.errors.inc({ step }))
        return undefined
      }
    },
    unparsed: (part, reason) => quietly(() => metrics?.unparsed.inc({ part, reason })),
  }
}

/** A counter that fails has nobody left to tell. */
function quietly(count: () => void): void {
  try {
    count()
  } catch {}
}
