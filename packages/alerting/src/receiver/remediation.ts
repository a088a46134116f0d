import type { MessageAlert } from './notifier.ts'

/** What a remediation is told about its run. */
export interface RemediationRun {
  /** True: say what would be done, and do nothing. */
  readonly dryRun: boolean
  /** Aborted when the run has taken too long. */
  readonly signal: AbortSignal
}

/**
 * An action that mends. It runs once for an incident at most, when it begins; it is never tried again, since nobody
 * knows what a failed run has done.
 */
export interface Remediation {
  /** Which alerts it is for: labels with their values, all of which have to be equal. At least `alertname`. */
  readonly when: Readonly<Record<string, string>> & { readonly alertname: string }
  /**
   * Runs at most, over all incidents, in a stretch of time; both are whole numbers of at least 1, and the time is not
   * above `retentionMs`: others throw a TypeError. Default: 1 in 15 minutes.
   */
  readonly limit?: { readonly runs: number; readonly perMs: number }
  /** Default: true. Nothing is done until somebody writes `false`. */
  readonly dryRun?: boolean
  /**
   * Does it, and resolves to a sentence about what was done, for the audit. Rejects with {@link RefusedError} for a
   * target that it may not touch.
   */
  run(alert: MessageAlert, run: RemediationRun): Promise<string>
}

/** The target is not in the remediation's allow list, or the alert names none. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code = 'HONOSCOPE_REMEDIATION_REFUSED'
}
