import type { SessionRecord } from '../domain/session.ts'
import type { SessionStore } from '../domain/session-store.ts'

/** Sessions that are kept at most: some 40 MB of usual ones. */
const defaultCapacity = 20_000

/**
 * Returns the store with a memory in front of its reads. Only for a store that nobody else writes to, which the
 * embedded database is: then what this process wrote is all that there is to know, and a validation need not ask
 * the database. Nothing unknown is remembered, and no write is answered from memory.
 */
export function withMemory(store: SessionStore, capacity: number = defaultCapacity): SessionStore {
  const memory = createMemory(capacity)

  /** Remembers what a write of one session returned. */
  const noted = async (result: Promise<SessionRecord | undefined>) => {
    const record = await result
    if (record) memory.keep(record)
    return record
  }

  /** Forgets the sessions of a write to many. A read that began before it ended must not bring them back. */
  const forgetting = async <T>(write: () => Promise<T>, concerned: (record: SessionRecord) => boolean): Promise<T> => {
    try {
      return await write()
    } finally {
      memory.forget(concerned)
    }
  }

  return {
    ...store,
    async find(key) {
      const known = memory.recall(key)
      if (known) return known
      const generation = memory.generation()
      const record = await store.find(key)
      if (record && memory.generation() === generation) memory.keep(record)
      return record
    },
    async insert(record, maxPerUser) {
      const result = await store.insert(record, maxPerUser)
      if (result.outcome === 'created') memory.keep(record)
      return result
    },
    touch: (id, now) => noted(store.touch(id, now)),
    access: (tokenHash, now, ip, userAgent) => noted(store.access(tokenHash, now, ip, userAgent)),
    renew: (id, now, ttlSeconds) => noted(store.renew(id, now, ttlSeconds)),
    revoke: (id, now) => noted(store.revoke(id, now)),
    revokeAllOf: (userId, now, limit) =>
      forgetting(
        () => store.revokeAllOf(userId, now, limit),
        (record) => record.userId === userId,
      ),
    sweep: (now, sample) =>
      forgetting(
        () => store.sweep(now, sample),
        (record) => record.expiresAt <= now,
      ),
    removeTombstones: (endedBy, limit) =>
      forgetting(
        () => store.removeTombstones(endedBy, limit),
        (record) => record.expiresAt <= endedBy,
      ),
  }
}

/** The records used last, found by their id and by their token's hash. */
function createMemory(capacity: number) {
  // A Map keeps the order of insertion, so the first one is the one that was used least recently.
  const byId = new Map<string, SessionRecord>()
  const idOf = new Map<string, string>()
  let generation = 0

  const drop = (record: SessionRecord) => {
    byId.delete(record.id)
    idOf.delete(record.tokenHash)
  }

  return {
    /** Changes whenever something was forgotten. */
    generation: () => generation,
    recall(key: Parameters<SessionStore['find']>[0]): SessionRecord | undefined {
      const id = 'id' in key ? key.id : idOf.get(key.tokenHash)
      const record = id === undefined ? undefined : byId.get(id)
      if (record) {
        byId.delete(record.id)
        byId.set(record.id, record)
      }
      return record
    },
    keep(record: SessionRecord): void {
      const known = byId.get(record.id)
      if (known && isNewer(known, record)) return
      byId.delete(record.id)
      byId.set(record.id, record)
      idOf.set(record.tokenHash, record.id)
      if (byId.size <= capacity) return
      const [oldest] = byId.values()
      if (oldest) drop(oldest)
      generation += 1
    },
    forget(concerned: (record: SessionRecord) => boolean): void {
      generation += 1
      for (const record of byId.values()) if (concerned(record)) drop(record)
    },
  }
}

/** Every change but the last, the revoking, adds to the version. */
function isNewer(one: SessionRecord, other: SessionRecord): boolean {
  return one.version > other.version || (one.version === other.version && one.isDeleted && !other.isDeleted)
}
