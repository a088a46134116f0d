import type { Details } from './report.ts'

/** What a {@link HealthError} takes beside its message. */
export interface HealthErrorOptions {
  /** Shown beside the failed check by the startup probe, as a passing check's own fields are. Default: none. */
  readonly details?: Details
  /** What went wrong underneath. Never shown by a probe. Default: none. */
  readonly cause?: unknown
}

/**
 * Thrown by a check that wants its own words in the probe's answer. The message of any other error is kept back,
 * because drivers put connection strings into theirs.
 *
 * @example
 * ```ts
 * import { createHealth, HealthError } from '@honoscope/health'
 *
 * createHealth({
 *   ready: {
 *     queue: () => {
 *       throw new HealthError('backlog above 1000', { details: { backlog: 1204 } })
 *     },
 *   },
 * })
 * ```
 */
export class HealthError extends Error {
  override readonly name: string = 'HealthError'
  /** Always `HEALTH_CHECK_FAILED`. */
  readonly code: string = 'HEALTH_CHECK_FAILED'
  readonly details: Details

  /** `message` is shown to whoever may call the probe. */
  constructor(message: string, options: HealthErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.details = options.details ?? {}
  }
}
