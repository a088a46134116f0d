import type { AlertStore, ClaimedRemediation, RemediationRecord, RemediationTask } from './store.ts'

interface Entry extends RemediationRecord {
  readonly task: RemediationTask
}

/** The remediations of a store in memory. */
export interface MemoryRemediations {
  /** Adds those that are not there yet. */
  add(tasks: readonly RemediationTask[], nowMs: number): void
  readonly claim: AlertStore['claimRemediation']
  readonly settle: AlertStore['settleRemediation']
  readonly list: AlertStore['remediations']
  prune(beforeMs: number): number
}

const keyOf = ({ incidentId, remediation }: Pick<RemediationTask, 'incidentId' | 'remediation'>): string =>
  `${incidentId} ${remediation}`

/** Returns them. */
export function memoryRemediations(max: number): MemoryRemediations {
  // In the order in which they came.
  const all = new Map<string, Entry>()
  const write = (entry: Entry): void => void all.set(keyOf(entry), entry)
  const active = ({ result }: Entry): boolean => result === 'waiting' || result === 'running'

  function end(entry: Entry, result: 'limited' | 'expired' | 'unknown', detail: string, nowMs: number) {
    write({ ...entry, result, detail, endedAt: nowMs })
    return { remediation: entry.remediation, result }
  }

  return {
    add(tasks, nowMs) {
      for (const task of tasks) {
        if (all.has(keyOf(task))) continue
        const { incidentId, remediation, alert } = task
        const state = { result: 'waiting', detail: '', requestedAt: nowMs, startedAt: undefined } as const
        write({ task, incidentId, remediation, fingerprint: alert.fingerprint, ...state, endedAt: undefined })
      }
      for (const [key, entry] of all) {
        if (all.size <= max) break
        if (!active(entry)) all.delete(key)
      }
    },
    async claim({ limits, leaseMs, maxWaitMs }, nowMs) {
      const ended: ClaimedRemediation['ended'][number][] = []
      for (const entry of all.values()) {
        const { result, requestedAt, startedAt, remediation } = entry
        if (result === 'running' && (startedAt ?? 0) + leaseMs <= nowMs) {
          ended.push(end(entry, 'unknown', 'the process ended before it told', nowMs))
        }
        if (result !== 'waiting') continue
        const limit = Object.hasOwn(limits, remediation) ? limits[remediation] : undefined
        if (requestedAt + maxWaitMs <= nowMs) ended.push(end(entry, 'expired', 'its turn came too late', nowMs))
        else if (limit === undefined) continue
        else if (runsSince(all.values(), remediation, nowMs - limit.perMs) >= limit.runs) {
          ended.push(end(entry, 'limited', `${limit.runs} in ${limit.perMs} ms are the limit`, nowMs))
        } else {
          write({ ...entry, result: 'running', startedAt: nowMs })
          return { task: entry.task, ended }
        }
      }
      return { task: undefined, ended }
    },
    async settle(task, result, detail, nowMs) {
      const entry = all.get(keyOf(task))
      if (entry?.result === 'running' || entry?.result === 'unknown')
        write({ ...entry, result, detail, endedAt: nowMs })
    },
    list: async (limit) =>
      [...all.values()]
        .reverse()
        .slice(0, limit)
        .map(({ task: _, ...record }) => record),
    prune(beforeMs) {
      const old = [...all.values()].filter((entry) => !active(entry) && (entry.endedAt ?? 0) < beforeMs)
      for (const entry of old) all.delete(keyOf(entry))
      return old.length
    },
  }
}

function runsSince(entries: Iterable<Entry>, remediation: string, sinceMs: number): number {
  let runs = 0
  for (const entry of entries) {
    if (entry.remediation === remediation && entry.startedAt !== undefined && entry.startedAt > sinceMs) runs++
  }
  return runs
}
