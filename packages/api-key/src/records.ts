import { LRUCache } from 'lru-cache'
import { type AllowList, parseAllowList } from './allow-list.ts'
import { ApiKeyError } from './errors.ts'
import type { KeyRecord, KeyStore } from './store.ts'
import { within } from './time.ts'

/** A key record with its allow list parsed. */
export interface Entry {
  readonly record: KeyRecord
  readonly allowed: AllowList
  /** Monotonic milliseconds; taken before the read began, so that the record is no older than this says. */
  readonly readAt: number
}

/** Key records near at hand, none used longer than `freshMs` without asking the store again. */
export interface Records {
  /** `undefined` when there is no such key. Rejects as the store does, or after its timeout. */
  get(id: string): Promise<Entry | undefined>
  /** What was known last, however old. */
  last(id: string): Entry | undefined
  /** Takes a record that this process has just written. */
  keep(record: KeyRecord): void
  /** Forgets a record: somebody else has changed it. */
  drop(id: string): void
}

/** @see Records */
export interface RecordsOptions {
  readonly store: KeyStore
  readonly freshMs: number
  readonly timeoutMs: number
  readonly capacity: number
  readonly monotonic: () => number
}

/** Unknown ids are not remembered: a flood of them would push the known ones out, and a new key must work at once. */
export function createRecords(options: RecordsOptions): Records {
  const { freshMs, capacity, monotonic } = options
  const known = new LRUCache<string, Entry>({ max: capacity })
  const reads = new Map<string, Promise<Entry | undefined>>()

  const begin = (id: string): Promise<Entry | undefined> => {
    const reading = read(options, id)
      .then((entry) => {
        // A write that came in between took this read out of the map: its result may be older than the write.
        if (reads.get(id) === reading) entry ? known.set(id, entry) : known.delete(id)
        return entry
      })
      .finally(() => {
        if (reads.get(id) === reading) reads.delete(id)
      })
    reads.set(id, reading)
    return reading
  }
  return {
    get: (id) => {
      const entry = known.get(id)
      if (entry && monotonic() - entry.readAt < freshMs) return Promise.resolve(entry)
      return reads.get(id) ?? begin(id)
    },
    last: (id) => known.get(id),
    keep: (record) => {
      reads.delete(record.id)
      // Two writes may come back in the other order; then neither is trusted to be the last.
      if ((known.get(record.id)?.record.version ?? 0) > record.version) known.delete(record.id)
      else known.set(record.id, entryOf(record, monotonic()))
    },
    drop: (id) => {
      reads.delete(id)
      known.delete(id)
    },
  }
}

async function read({ store, timeoutMs, monotonic }: RecordsOptions, id: string): Promise<Entry | undefined> {
  const readAt = monotonic()
  const record = await within(timeoutMs, async () => store.get(id))
  return record && entryOf(record, readAt)
}

function entryOf(record: KeyRecord, readAt: number): Entry {
  try {
    return { record, allowed: parseAllowList(record.allowList), readAt }
  } catch (cause) {
    throw new ApiKeyError('KEY_RECORD_CORRUPT', `the stored allow list of ${record.id} can't be read`, { cause })
  }
}
