import { LRUCache } from 'lru-cache'
import type { SessionRecord } from '../domain/session.ts'
import type { SessionKey } from '../domain/session-store.ts'
import { leastBytes, weightOf } from './weight.ts'

/** The sessions used last, by their id and by their token's hash. */
export interface Memory {
  get(key: SessionKey): SessionRecord | undefined
  /**
   * Takes a record, unless a newer one is there, and returns the newer one. With `isOwn` it is the result of a write of this node, of which the
   * node will be told like all others: see {@link Memory.takeEcho}.
   */
  keep(record: SessionRecord, isOwn: boolean): SessionRecord
  /** Whether a change of this node that it is told of is in what is remembered; each own write counts once. */
  takeEcho(id: string): boolean
  drop(id: string): void
  clear(): void
  size(): { readonly sessions: number; readonly bytes: number }
}

interface Entry {
  readonly record: SessionRecord
  /** Own writes that are in the record, and that this node has not been told of yet. */
  echoes: number
}

/** Returns a memory of at most `maxBytes`, by {@link weightOf}; what was used least recently goes first. */
export function createMemory(maxBytes: number): Memory {
  const ids = new Map<string, string>()
  const entries = new LRUCache<string, Entry>({
    max: Math.max(1, Math.floor(maxBytes / leastBytes)),
    maxSize: maxBytes,
    sizeCalculation: ({ record }) => weightOf(record),
    // Of a record that is replaced too: an operator may have given the session another token.
    dispose: ({ record }, id) => {
      if (ids.get(record.tokenHash) === id) ids.delete(record.tokenHash)
    },
  })
  return {
    get(key) {
      const id = 'id' in key ? key.id : ids.get(key.tokenHash)
      return id === undefined ? undefined : entries.get(id)?.record
    },
    keep(record, isOwn) {
      const known = entries.peek(record.id)
      const echoes = (known?.echoes ?? 0) + (isOwn ? 1 : 0)
      const newest = known && isNewer(known.record, record) ? known.record : record
      entries.set(record.id, { record: newest, echoes })
      // One that is larger than the memory is not taken.
      if (entries.has(record.id)) ids.set(newest.tokenHash, record.id)
      return newest
    },
    takeEcho(id) {
      const entry = entries.peek(id)
      if (!entry || entry.echoes === 0) return false
      entry.echoes -= 1
      return true
    },
    drop: (id) => void entries.delete(id),
    clear: () => entries.clear(),
    size: () => ({ sessions: entries.size, bytes: entries.calculatedSize }),
  }
}

/** Every change but the last, the revoking, adds to the version. */
function isNewer(one: SessionRecord, other: SessionRecord): boolean {
  return one.version > other.version || (one.version === other.version && one.revokedAt !== 0 && other.revokedAt === 0)
}
