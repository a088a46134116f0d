import type { KeyQuery, KeyRecord, KeyStore } from './store.ts'

/** A {@link KeyStore} that forgets everything when the process ends: for tests, and for keys that the app imports at start. */
export function memoryKeyStore(): KeyStore {
  const records = new Map<string, KeyRecord>()
  const keep = (record: KeyRecord): KeyRecord => {
    const copy = { ...record, allowList: [...record.allowList] }
    records.set(record.id, copy)
    return copy
  }
  return {
    get: async (id) => records.get(id),
    insert: async (record) => {
      if (records.has(record.id)) return false
      keep(record)
      return true
    },
    insertFirst: async (first) => {
      if (records.size > 0) return false
      first.forEach(keep)
      return true
    },
    update: async (id, expectedVersion, changes) => {
      const record = records.get(id)
      if (record?.version !== expectedVersion) return undefined
      return keep({ ...record, ...changes, version: expectedVersion + 1 })
    },
    list: async (query) => page([...records.values()], query),
    count: async () => records.size,
    markUsed: async (uses) => {
      for (const { id, at } of uses) {
        const record = records.get(id)
        if (record && at > record.lastUsedAt) keep({ ...record, lastUsedAt: at })
      }
    },
  }
}

function page(all: KeyRecord[], { page, size, role, status }: KeyQuery): { items: KeyRecord[]; total: number } {
  const matches = all.filter(
    (record) => (role === undefined || record.role === role) && (status === undefined || record.status === status),
  )
  matches.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
  return { items: matches.slice((page - 1) * size, page * size), total: matches.length }
}
