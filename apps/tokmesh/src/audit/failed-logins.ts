/** Failed logins: the first is an entry at once, and those of the next minute that are like it are one more. */
import type { AuditEntry } from '../domain/audit.ts'
import { createEntries, type NewEntry } from './entry.ts'
import { createFailureBudget, type FailureBudgetOptions } from './failure-budget.ts'

/** Limits of {@link createFailedLogins}. */
export interface FailedLoginOptions extends FailureBudgetOptions {
  /** How long failures that are alike are counted before an entry tells of them, milliseconds. Default: 60,000. */
  readonly windowMs?: number | undefined
  /** Kinds of failures that are counted at a time; beyond, the oldest is told of early. Default: 2,000, some 3 MB. */
  readonly maxKinds?: number | undefined
}

/** Where the entries go. */
export interface FailedLoginSink {
  readonly write: (entry: AuditEntry) => void
  /** Hears of an entry that is above the budget. */
  readonly leaveOut: () => void
  /** Default: real ids and the real time. */
  readonly newEntry?: NewEntry | undefined
}

/** Where failed logins are handed over. */
export interface FailedLogins {
  add(entry: AuditEntry): void
  /** Tells of all that were counted; later ones are not counted, but told of one by one. */
  close(): void
}

/** Failures of one key id, reason, client address and route. */
interface Kind {
  /** Since the last entry about them. */
  count: number
  firstAt: number
  latest: AuditEntry
  /** Monotonic milliseconds. */
  dueAt: number
}

/** Returns the counting. Its timer does not keep the process alive. */
export function createFailedLogins(sink: FailedLoginSink, options: FailedLoginOptions = {}): FailedLogins {
  const { windowMs = 60_000, maxKinds = 2_000, monotonic = () => performance.now() } = options
  const tell = createTeller(sink, options)
  // In the order in which they are due, as all of them wait equally long.
  const kinds = new Map<string, Kind>()
  let isClosed = false

  const schedule = () => {
    const [next] = kinds.values()
    if (next) alarm.set(next.dueAt - monotonic())
  }
  const watch = (key: string, latest: AuditEntry) => {
    kinds.set(key, { count: 0, firstAt: 0, latest, dueAt: monotonic() + windowMs })
    schedule()
  }
  const settle = () => {
    for (const [key, kind] of kinds) {
      if (kind.dueAt > monotonic()) break
      kinds.delete(key)
      // Who goes on failing is watched on; the next entry about them is a minute away.
      if (tell(kind)) watch(key, kind.latest)
    }
    schedule()
  }
  const alarm = createAlarm(settle)

  return {
    add(entry) {
      const key = kindOf(entry)
      const kind = kinds.get(key)
      if (kind) return count(kind, entry)
      tell({ count: 1, firstAt: entry.timestamp, latest: entry })
      if (isClosed) return
      if (kinds.size >= maxKinds) evictOldest(kinds, tell)
      watch(key, entry)
    },
    close() {
      isClosed = true
      alarm.clear()
      for (const kind of kinds.values()) tell(kind)
      kinds.clear()
    },
  }
}

/** Returns a timer. To set one that is set already changes nothing. */
function createAlarm(ring: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    set(ms: number) {
      timer ??= setTimeout(
        () => {
          timer = undefined
          ring()
        },
        Math.max(1, ms),
      )
      timer.unref()
    },
    clear: () => clearTimeout(timer),
  }
}

const kindOf = ({ operatorId, details, clientIp, resource }: AuditEntry) =>
  JSON.stringify([operatorId, details.reason, clientIp, resource])

function count(kind: Kind, entry: AuditEntry): void {
  if (kind.count === 0) kind.firstAt = entry.timestamp
  kind.count += 1
  kind.latest = entry
}

function evictOldest(kinds: Map<string, Kind>, tell: (kind: Kind) => boolean): void {
  const [oldest] = kinds
  if (!oldest) return
  kinds.delete(oldest[0])
  tell(oldest[1])
}

/** Returns a function that makes an entry of failures, within the budget; false when there were none. */
function createTeller({ write, leaveOut, newEntry = createEntries() }: FailedLoginSink, options: FailedLoginOptions) {
  const budget = createFailureBudget(options)
  return ({ count, firstAt, latest }: Omit<Kind, 'dueAt'>): boolean => {
    if (count === 0) return false
    const leftOut = budget(count)
    if (leftOut === undefined) leaveOut()
    else {
      const several = count > 1 && { count, first_at: firstAt, last_at: latest.timestamp }
      const details = { ...latest.details, ...several, ...(leftOut > 0 && { left_out_before: leftOut }) }
      // One that was counted is told of now, so that who reads on from the newest entry does not miss it.
      write(newEntry({ ...latest, details, address: { client: latest.clientIp, peer: latest.tcpRemoteIp } }))
    }
    return true
  }
}
