import type { Standby } from './statistics.ts'

/** A standby as `pg_stat_replication` has it. */
export interface StandbyRow {
  readonly from: string
  readonly to: string
  /** Of the process that sends to it: another one after each connection. */
  readonly pid: number
  /** Bytes of log that the primary has written, and that the standby shows. */
  readonly written: number
  readonly replayed: number
  /** What the primary has measured last, which is nothing new while the standby stands still. */
  readonly measuredSeconds: number
  /** The database's clock. */
  readonly nowSeconds: number
}

/** A place in the log that a standby did not show yet, and when it was seen so. */
interface Mark {
  readonly bytes: number
  readonly sinceSeconds: number
}

/**
 * Returns a function that tells the lag from rows that are read now and then. The primary measures how long a change
 * takes to be shown, and so has nothing to say of a standby that shows none: then it is the time since it was first
 * seen to lack what it still lacks. One that shows everything has no lag, whatever was measured last.
 */
export function replayLags(): (rows: readonly StandbyRow[]) => readonly Standby[] {
  let marks: ReadonlyMap<number, Mark> = new Map()
  return (rows) => {
    const next = new Map<number, Mark>()
    const found = new Map<string, Standby>()
    for (const { from, to, pid, written, replayed, measuredSeconds, nowSeconds } of rows) {
      const isBehind = replayed < written
      const old = marks.get(pid)
      const mark = old && old.bytes > replayed ? old : { bytes: written, sinceSeconds: nowSeconds }
      if (isBehind) next.set(pid, mark)
      const lagSeconds = isBehind ? Math.max(measuredSeconds, nowSeconds - mark.sinceSeconds, 0) : 0
      // Of several with one name, the one that is furthest behind.
      if (lagSeconds >= (found.get(to)?.lagSeconds ?? 0)) found.set(to, { from, to, lagSeconds })
    }
    marks = next
    return [...found.values()]
  }
}
