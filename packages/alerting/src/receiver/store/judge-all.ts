import type { Alert, Change, Incident } from '../alert.ts'
import type { Judge, Judgement } from '../judge.ts'

/** What a delivery came to. */
export interface Judged {
  readonly changes: readonly Change[]
  /** One for each alert. */
  readonly verdicts: readonly Judgement['verdict'][]
  /** To be written: the last state of each fingerprint that has another one now. */
  readonly incidents: readonly Incident[]
}

/** Judges the alerts in their order, each against what the one before it left. `known` is by fingerprint, and not changed. */
export function judgeAll(alerts: readonly Alert[], judge: Judge, known: ReadonlyMap<string, Incident>): Judged {
  const changes: Change[] = []
  const verdicts: Judgement['verdict'][] = []
  const written = new Map<string, Incident>()
  for (const alert of alerts) {
    const { verdict, incident } = judge(written.get(alert.fingerprint) ?? known.get(alert.fingerprint), alert)
    verdicts.push(verdict)
    if (incident === undefined) continue
    written.set(alert.fingerprint, incident)
    if (verdict === 'new') changes.push({ incident, alert })
  }
  return { changes, verdicts, incidents: [...written.values()] }
}
