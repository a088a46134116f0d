/** Sessions in a database that answers when it is told to, for tests of what may happen in between. */
import type { SessionRecord } from '../domain/session.ts'
import type { SessionKey } from '../domain/session-store.ts'
import { DatabaseFault, isConflict, toTokMeshError } from '../store/faults.ts'
import type { SessionRows } from '../store/session-rows.ts'
import type { Touch } from '../store/touch-queue.ts'

/** A session as it was from a moment on. */
export interface Past {
  readonly at: number
  readonly record: SessionRecord
}

/** A change as it is told of. */
export interface Told {
  readonly id: string
  readonly isOwn: boolean
  /** Place of the change in the session's history. */
  readonly index: number
}

/** A database whose calls take effect, and are answered, one step at a time. */
export interface SlowRows {
  readonly rows: SessionRows
  /** Of each session, the oldest first. */
  readonly history: Map<string, Past[]>
  /** Changes in the order of their commits; whoever tells of them takes them out. */
  readonly told: Told[]
  /** Calls that are under way. */
  underWay(): number
  /** Lets a call take effect, or its answer out when it has. */
  step(n: number): void
  /** The next write of touches fails so, and changes nothing. */
  failNext(code: string): void
  /** Changes a session as another node does. */
  change(id: string, changes: Partial<SessionRecord>): void
  /** How often sessions were looked for. */
  finds(): number
}

const refused = () => Promise.reject(new Error('this call was not expected'))

/** Returns a database with these sessions, whose changes happen at `now()`. */
export function slowRows(records: readonly SessionRecord[], now: () => number): SlowRows {
  const history = new Map<string, Past[]>(
    records.map((record) => [record.id, [{ at: Number.NEGATIVE_INFINITY, record }]]),
  )
  const told: Told[] = []
  const calls: (() => boolean)[] = []
  let finds = 0
  let fault: string | undefined

  const last = (id: string) => history.get(id)?.at(-1)?.record
  const commit = (record: SessionRecord, isOwn: boolean): SessionRecord => {
    const past = history.get(record.id) ?? []
    history.set(record.id, past)
    told.push({ id: record.id, isOwn, index: past.length })
    past.push({ at: now(), record })
    return record
  }
  const active = (id: string, at: number) => {
    const record = last(id)
    return record && record.revokedAt === 0 && record.expiresAt > at ? record : undefined
  }
  const call = <T>(effect: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      let answer: (() => void) | undefined
      calls.push(() => {
        if (answer) {
          answer()
          return true
        }
        try {
          const result = effect()
          answer = () => resolve(result)
        } catch (error) {
          answer = () => reject(error)
        }
        return false
      })
    })

  const all = () => [...history.keys()].flatMap((id) => last(id) ?? [])
  const found = (key: SessionKey) =>
    all().find((record) => ('id' in key ? record.id === key.id : record.tokenHash === key.tokenHash))
  const touched = ({ id, accesses, at, ip, userAgent }: Touch): SessionRecord[] => {
    const record = active(id, at)
    if (!record || (accesses === 0 && record.lastActive >= at)) return []
    const access = { lastAccessIp: ip ?? record.lastAccessIp, lastAccessUa: userAgent ?? record.lastAccessUa }
    const version = record.version + Math.max(1, accesses)
    return [commit({ ...record, ...access, version, lastActive: Math.max(record.lastActive, at) }, true)]
  }
  const rows: SessionRows = {
    insert: (record) =>
      call(() => {
        history.set(record.id, [{ at: now(), record }])
        return { outcome: 'created' }
      }),
    find: (key) => {
      finds += 1
      return call(() => found(key))
    },
    writeTouches: (touches) =>
      call(() => {
        const code = fault
        fault = undefined
        if (code !== undefined) throw toTokMeshError(new DatabaseFault(code))
        return touches.flatMap(touched)
      }),
    renew: (id, at, ttlSeconds) =>
      call(() => {
        const record = active(id, at)
        if (!record) return undefined
        const times = { expiresAt: at + ttlSeconds * 1000, lastActive: Math.max(record.lastActive, at) }
        return commit({ ...record, ...times, version: record.version + 1 }, true)
      }),
    revoke: (id, at) =>
      call(() => {
        const record = active(id, at)
        return record && commit({ ...record, revokedAt: at, isDeleted: true }, true)
      }),
    revokeAllOf: (userId, at) =>
      call(() => {
        const those = all().filter((record) => record.userId === userId && active(record.id, at))
        for (const record of those) commit({ ...record, revokedAt: at, isDeleted: true }, true)
        return { active: those.length, ids: those.map(({ id }) => id) }
      }),
    sweep: refused,
    removeTombstones: () => call(() => 0),
    nextDue: refused,
    counts: refused,
    search: () => call(() => ({ items: [], total: 0 })),
    isConflict,
  }
  return {
    ...{ rows, history, told },
    underWay: () => calls.length,
    step(n) {
      const at = n % Math.max(1, calls.length)
      if (calls[at]?.()) calls.splice(at, 1)
    },
    failNext(code) {
      fault = code
    },
    change(id, changes) {
      const record = last(id)
      if (record) commit({ ...record, ...changes }, false)
    },
    finds: () => finds,
  }
}
