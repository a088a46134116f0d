import type { Remediation } from '../remediation.ts'

/** What every remediation is given. */
export type RemediationOptions = Pick<Remediation, 'when' | 'limit' | 'dryRun'>

/** Returns the parts of a remediation that are the user's; throws a TypeError when `when` names no alert. */
export function settingsOf(who: string, options: RemediationOptions): RemediationOptions {
  const { when, limit, dryRun } = options
  if (!when?.alertname) throw new TypeError(`${who}: when must have an alertname`)
  return { when: { ...when }, ...(limit ? { limit } : {}), ...(dryRun === undefined ? {} : { dryRun }) }
}
