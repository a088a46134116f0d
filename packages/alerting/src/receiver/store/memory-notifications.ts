import type { AlertStore, Claimed, DeadLetter, Notification, Waiting } from './store.ts'

/** As many messages wait as may. Alertmanager is asked to come again. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError'
  readonly code = 'HONOSCOPE_ALERT_STORE_FULL'
}

interface Entry extends Waiting {
  readonly dueAt: number
}

type Part = Pick<AlertStore, 'claim' | 'settle' | 'expire' | 'deadLetters' | 'revive' | 'backlog'>

/** The messages of a store in memory. */
export interface MemoryNotifications extends Part {
  /** Throws a {@link StoreFullError}, and adds none, when there is no room for all. */
  add(notifications: readonly Notification[], nowMs: number): void
  prune(deadBeforeMs: number): number
}

/** Returns them. */
export function memoryNotifications(maxWaiting: number, maxDead: number): MemoryNotifications {
  // Both in the order in which they came.
  const waiting = new Map<string, Entry>()
  const dead = new Map<string, DeadLetter>()

  function bury({ dueAt: _, ...entry }: Entry, error: string, diedAt: number): void {
    waiting.delete(entry.message.id)
    dead.set(entry.message.id, { ...entry, error, diedAt })
    for (const id of dead.keys()) {
      if (dead.size <= maxDead) break
      dead.delete(id)
    }
  }

  return {
    add(notifications, nowMs) {
      if (waiting.size + notifications.length > maxWaiting) {
        throw new StoreFullError(`memoryStore: more than ${maxWaiting} messages would wait`)
      }
      for (const one of notifications) {
        waiting.set(one.message.id, { ...one, attempts: 0, createdAt: nowMs, dueAt: nowMs })
      }
    },
    async claim(notifier, nowMs, leaseMs, limit) {
      const leasedUntil = nowMs + leaseMs
      const claimed = due(waiting.values(), notifier, nowMs).slice(0, limit)
      for (const entry of claimed) waiting.set(entry.message.id, { ...entry, dueAt: leasedUntil })
      return claimed.map(({ dueAt: _, ...entry }): Claimed => ({ ...entry, leasedUntil }))
    },
    async settle(claimed, settlement, nowMs) {
      const { id } = claimed.message
      if (settlement.kind === 'sent') {
        waiting.delete(id)
        dead.delete(id)
        return
      }
      const entry = waiting.get(id)
      if (entry === undefined || entry.dueAt !== claimed.leasedUntil) return
      const failed = { ...entry, attempts: entry.attempts + 1 }
      if (settlement.kind === 'dead') bury(failed, settlement.error, nowMs)
      else waiting.set(id, { ...failed, dueAt: settlement.atMs })
    },
    async expire(notifiers, createdBeforeMs, nowMs) {
      const forgotten = [...waiting.values()].filter(
        ({ notifier, createdAt, dueAt }) =>
          !notifiers.includes(notifier) && createdAt < createdBeforeMs && dueAt <= nowMs,
      )
      for (const entry of forgotten) bury(entry, 'there is no notifier of this name', nowMs)
      return forgotten.length
    },
    deadLetters: async (limit) => [...dead.values()].reverse().slice(0, limit),
    async revive(messageId, nowMs) {
      const letter = dead.get(messageId)
      if (letter === undefined) return false
      dead.delete(messageId)
      const { error: _, diedAt: __, ...entry } = letter
      waiting.set(messageId, { ...entry, attempts: 0, createdAt: nowMs, dueAt: nowMs })
      return true
    },
    async backlog() {
      let oldestAt: number | undefined
      for (const { createdAt } of waiting.values()) oldestAt = Math.min(oldestAt ?? createdAt, createdAt)
      return { waiting: waiting.size, dead: dead.size, oldestAt }
    },
    prune(deadBeforeMs) {
      const old = [...dead.values()].filter(({ diedAt }) => diedAt < deadBeforeMs)
      for (const { message } of old) dead.delete(message.id)
      return old.length
    },
  }
}

/** Those that are due, in the order in which they fell due. The end of an incident is not while its begin waits. */
function due(entries: Iterable<Entry>, notifier: string, nowMs: number): readonly Entry[] {
  const begins = new Set<string>()
  const found: Entry[] = []
  for (const entry of entries) {
    if (entry.notifier !== notifier) continue
    const { status, alerts } = entry.message
    if (status === 'firing') for (const { incidentId } of alerts) begins.add(incidentId)
    else if (alerts.some(({ incidentId }) => begins.has(incidentId))) continue
    if (entry.dueAt <= nowMs) found.push(entry)
  }
  return found.sort((a, b) => a.dueAt - b.dueAt)
}
