/** Entries that wait to be written: in order, and no more than a process can afford. */
import type { AuditEntry } from '../domain/audit.ts'

/** Limits of {@link createQueue}. */
export interface QueueOptions {
  /** Default: 20,000, what a node at its target of 10,000 writes a second makes in two. */
  readonly maxEntries?: number | undefined
  /** Estimated size of all that wait. Default: 32 MiB, a sixteenth of the memory that an idle node may use. */
  readonly maxBytes?: number | undefined
}

/** What waits. */
export interface Queue {
  readonly size: number
  /** False when there was no room for it. */
  add(entry: AuditEntry): boolean
  /** The first `count`, which stay. */
  first(count: number): readonly AuditEntry[]
  /** Takes the first `count` out. */
  drop(count: number): void
}

/** Failed logins may take up one part in so many: who has no key must not be able to push out what key holders did. */
const failuresShare = 4

/** Ids, times, addresses and names of an entry, and the objects that hold them. */
const fixedBytes = 600

/** Returns an empty queue. */
export function createQueue({ maxEntries = 20_000, maxBytes = 32 * 2 ** 20 }: QueueOptions = {}): Queue {
  const waiting: { readonly entry: AuditEntry; readonly bytes: number }[] = []
  const total = { entries: 0, bytes: 0 }
  const failures = { entries: 0, bytes: 0 }

  const book = (entry: AuditEntry, entries: 1 | -1, bytes: number) => {
    for (const sum of entry.action === 'AUTH_FAILED' ? [total, failures] : [total]) {
      sum.entries += entries
      sum.bytes += entries * bytes
    }
  }
  const hasRoom = (sum: typeof total, bytes: number, share: number) =>
    sum.entries + 1 <= maxEntries / share && sum.bytes + bytes <= maxBytes / share

  return {
    get size() {
      return waiting.length
    },
    add(entry) {
      const bytes = sizeOf(entry)
      if (!hasRoom(total, bytes, 1)) return false
      if (entry.action === 'AUTH_FAILED' && !hasRoom(failures, bytes, failuresShare)) return false
      book(entry, 1, bytes)
      waiting.push({ entry, bytes })
      return true
    },
    first: (count) => waiting.slice(0, count).map(({ entry }) => entry),
    drop(count) {
      for (const { entry, bytes } of waiting.splice(0, count)) book(entry, -1, bytes)
    },
  }
}

/** Two bytes for each unit of text, as JavaScript may take. Throws for details that JSON can't hold. */
function sizeOf({ resource, userAgent, details }: AuditEntry): number {
  return fixedBytes + 2 * (resource.length + userAgent.length + JSON.stringify(details).length)
}
