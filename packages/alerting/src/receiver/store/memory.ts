import type { Alert, Incident } from '../alert.ts'
import { judgeAll } from './judge-all.ts'
import { memoryNotifications } from './memory-notifications.ts'
import { memoryRemediations } from './memory-remediations.ts'
import type { AlertStore } from './store.ts'

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** Messages that may wait; a delivery of more is refused, and Alertmanager comes again. Default: 10,000. */
  readonly maxWaiting?: number
  /** Dead letters; the oldest is dropped for a new one. Default: 1,000. */
  readonly maxDeadLetters?: number
  /** Incidents; the one that was not heard of for longest is forgotten, and news when it comes again. Default: 100,000. */
  readonly maxIncidents?: number
  /** Entries of the audit; the oldest is dropped for a new one, but for those that wait or run. Default: 10,000. */
  readonly maxRemediations?: number
}

/**
 * Returns a store in the memory of this process, for tests and for a first look. Nothing survives a restart: what waits
 * is lost, and what Alertmanager repeats is told once more.
 *
 * @throws TypeError for a limit that is no whole number of at least 1.
 * @example
 * ```ts
 * import { memoryStore } from '@honoscope/alerting/receiver'
 *
 * const store = memoryStore({ maxWaiting: 500 })
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): AlertStore {
  const { maxWaiting = 10_000, maxDeadLetters = 1_000, maxIncidents = 100_000, maxRemediations = 10_000 } = options
  for (const [name, value] of Object.entries({ maxWaiting, maxDeadLetters, maxIncidents, maxRemediations })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new TypeError(`memoryStore: ${name} must be a whole number of at least 1`)
    }
  }
  const incidents = memoryIncidents(maxIncidents)
  const notifications = memoryNotifications(maxWaiting, maxDeadLetters)
  const remediations = memoryRemediations(maxRemediations)
  return {
    async receive(alerts, judge, plan, nowMs) {
      const outcome = judgeAll(alerts, judge, incidents.known(alerts))
      const { notifications: messages, remediations: tasks } = plan(outcome.changes)
      // The only step that may fail comes before those that write.
      notifications.add(messages, nowMs)
      remediations.add(tasks, nowMs)
      incidents.write(outcome.incidents)
      return outcome
    },
    ...{ claim: notifications.claim, settle: notifications.settle, expire: notifications.expire },
    ...{ deadLetters: notifications.deadLetters, revive: notifications.revive, backlog: notifications.backlog },
    ...{ claimRemediation: remediations.claim, settleRemediation: remediations.settle },
    remediations: remediations.list,
    async prune(beforeMs, deadBeforeMs) {
      return notifications.prune(deadBeforeMs) + remediations.prune(beforeMs) + incidents.prune(beforeMs)
    },
  }
}

function memoryIncidents(max: number) {
  // In the order in which they were heard of.
  const all = new Map<string, Incident>()
  return {
    known: (alerts: readonly Alert[]): Map<string, Incident> =>
      new Map(alerts.flatMap(({ fingerprint }) => all.get(fingerprint) ?? []).map((one) => [one.fingerprint, one])),
    write(incidents: readonly Incident[]): void {
      for (const incident of incidents) {
        all.delete(incident.fingerprint)
        all.set(incident.fingerprint, incident)
      }
      for (const fingerprint of all.keys()) {
        if (all.size <= max) break
        all.delete(fingerprint)
      }
    },
    prune(beforeMs: number): number {
      const old = [...all.values()].filter(({ seenAt }) => seenAt < beforeMs)
      for (const { fingerprint } of old) all.delete(fingerprint)
      return old.length
    },
  }
}
