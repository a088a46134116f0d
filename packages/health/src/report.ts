/** The probes that run checks. */
export type Probe = 'live' | 'ready' | 'startup'

/** Extra fields that a check may give, e.g. `is_leader`, `count`, `port`. Values of other types are left out. */
export type Details = Readonly<Record<string, string | number | boolean | null>>

/** What one check said. */
export interface CheckResult {
  /** `skip`: not configured, so neither asked nor counted. */
  readonly status: 'pass' | 'fail' | 'skip'
  /** Milliseconds that the check's last run took, its timeout if it ran into that, 0 if it was skipped. */
  readonly latencyMs: number
  /** Why it failed, or what the check wants to be said. Free of secrets as long as the check's own words are. */
  readonly message?: string
  /** The check's extra fields. The plain dialect shows them at startup only. */
  readonly details?: Details
}

/** What one probe found out, for renderers and for apps that answer themselves. */
export interface Report {
  /** `health` is the single route that runs no check. */
  readonly probe: 'health' | Probe
  /** No check failed. */
  readonly ok: boolean
  /** Unix milliseconds. */
  readonly timestamp: number
  /** By name, in the order of the options. While draining, `ready` has one more, `shutdown`, which fails. */
  readonly checks: Readonly<Record<string, CheckResult>>
}
