import type { SessionRecord } from '../domain/session.ts'
import type { SessionAccess } from '../domain/session-store.ts'

/** What is to be written of one session. */
export interface Touch {
  readonly id: string
  /** Validations; 0: a touch that somebody waits for, which counts only if it raises `lastActive`. */
  accesses: number
  /** Unix ms of the last one. */
  at: number
  /** Of the last validation. */
  ip: string | null
  userAgent: string | null
  /** How often another transaction stood in the way. */
  conflicts: number
  /** Since when it waits, in the order of all. */
  number: number
  /** Who wants to know that it was written. */
  readonly waiting: Waiting[]
}

/** Somebody who waits for a write. */
export interface Waiting {
  readonly resolve: (record: SessionRecord | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Touches that are not written yet. */
export interface TouchQueue {
  /** Adds a validation's access. */
  note(id: string, access: SessionAccess): void
  /** Adds a touch, or adds to one. */
  ask(id: string, at: number, waiting: Waiting): void
  /** Puts the accesses of this session first, and tells who waits when they are written; false when there are none. */
  hurry(id: string, waiting: Waiting): boolean
  /** Takes out what is to be written next: what somebody waits for, then the oldest. */
  take(size: number): readonly Touch[]
  /** Ends the writing of what was taken. */
  done(): void
  /** Takes accesses back, in front when they are to be tried first. */
  putBack(touches: readonly Touch[], place: 'front' | 'back'): void
  /** Gives up all that somebody waits for, but for the accesses; who waited is to be told why. */
  giveUp(): readonly Waiting[]
  /** The record as it is with all accesses that were noted. */
  overlay(record: SessionRecord): SessionRecord
  /** Whether accesses of the session are being written, so that the database may have them or not. */
  isWriting(id: string): boolean
  /** Of the oldest access that is not written, Infinity when there is none; and of the newest ever. */
  oldest(): number
  newest(): number
  /** Sessions whose accesses wait, and whether somebody waits. */
  size(): number
  isUrgent(): boolean
  /** Sessions whose accesses were dropped so far, as there were too many. */
  dropped(): number
}

/** Returns a queue of accesses of at most `capacity` sessions: beyond it the oldest are dropped. */
export function createTouchQueue(capacity: number): TouchQueue {
  let noted = new Map<string, Touch>()
  const asked = new Map<string, Touch>()
  const urgent = new Set<string>()
  let writing = new Map<string, Touch>()
  let count = 0
  let dropped = 0
  const fresh = (id: string, at: number): Touch => {
    const nobody = { accesses: 0, ip: null, userAgent: null, conflicts: 0, waiting: [] }
    return { id, at, ...nobody, number: ++count }
  }
  const first = () => noted.values().next().value
  const dropTheOldest = () => {
    for (let touch = first(); touch && noted.size > capacity; touch = first()) {
      noted.delete(touch.id)
      urgent.delete(touch.id)
      dropped += 1
      for (const { resolve } of touch.waiting) resolve(undefined)
    }
  }
  const isWriting = (id: string) => (writing.get(id)?.accesses ?? 0) > 0

  return {
    note(id, { at, ip, userAgent }) {
      const touch = noted.get(id) ?? fresh(id, at)
      noted.set(id, touch)
      touch.accesses += 1
      touch.at = Math.max(touch.at, at)
      touch.ip = ip
      touch.userAgent = userAgent
      dropTheOldest()
    },
    ask(id, at, waiting) {
      const touch = asked.get(id) ?? fresh(id, at)
      asked.set(id, touch)
      touch.at = Math.max(touch.at, at)
      touch.waiting.push(waiting)
    },
    hurry(id, waiting) {
      const touch = noted.get(id) ?? (isWriting(id) ? writing.get(id) : undefined)
      touch?.waiting.push(waiting)
      if (noted.has(id)) urgent.add(id)
      return touch !== undefined
    },
    take(size) {
      const batch = new Map<string, Touch>()
      const move = (from: Map<string, Touch>, ids: Iterable<string>) => {
        for (const id of ids) {
          if (batch.size >= size) return
          const touch = from.get(id)
          // One row of a statement for each session: its other touch waits for the next.
          if (!touch || batch.has(id)) continue
          from.delete(id)
          urgent.delete(id)
          batch.set(id, touch)
        }
      }
      // Accesses before a touch that came after them: of the same moment, it changes nothing then.
      const isBefore = ([id, { number }]: [string, Touch]) => (noted.get(id)?.number ?? number) < number
      move(
        noted,
        [...asked].filter(isBefore).map(([id]) => id),
      )
      move(asked, asked.keys())
      move(noted, urgent)
      move(noted, noted.keys())
      writing = batch
      return [...batch.values()]
    },
    done() {
      writing = new Map()
    },
    putBack(touches, place) {
      for (const touch of touches) {
        const newer = noted.get(touch.id)
        if (newer) merge(touch, newer)
        noted.delete(touch.id)
      }
      const back = touches.map((touch) => [touch.id, touch] as const)
      if (place === 'front') noted = new Map([...back, ...noted])
      else for (const [id, touch] of back) noted.set(id, Object.assign(touch, { number: ++count }))
      dropTheOldest()
    },
    giveUp() {
      const all = [...asked.values(), ...[...urgent].map((id) => noted.get(id))]
      asked.clear()
      urgent.clear()
      return all.flatMap((touch) => touch?.waiting.splice(0) ?? [])
    },
    overlay(record) {
      // What was revoked is touched no more.
      if (record.revokedAt !== 0) return record
      return shown(shown(record, writing.get(record.id)), noted.get(record.id))
    },
    isWriting,
    oldest() {
      let oldest = first()?.number ?? Number.POSITIVE_INFINITY
      for (const { accesses, number } of writing.values()) if (accesses > 0) oldest = Math.min(oldest, number)
      return oldest
    },
    newest: () => count,
    size: () => noted.size,
    isUrgent: () => asked.size + urgent.size > 0,
    dropped: () => dropped,
  }
}

function merge(touch: Touch, newer: Touch): void {
  touch.accesses += newer.accesses
  touch.at = Math.max(touch.at, newer.at)
  touch.ip = newer.ip
  touch.userAgent = newer.userAgent
  touch.waiting.push(...newer.waiting)
}

function shown(record: SessionRecord, touch: Touch | undefined): SessionRecord {
  if (!touch || touch.accesses === 0) return record
  return {
    ...record,
    version: record.version + touch.accesses,
    lastActive: Math.max(record.lastActive, touch.at),
    lastAccessIp: touch.ip ?? record.lastAccessIp,
    lastAccessUa: touch.userAgent ?? record.lastAccessUa,
  }
}

/** Tells all who waited what became of it. */
export function tell(
  all: readonly Waiting[],
  outcome: { record: SessionRecord | undefined } | { error: unknown },
): void {
  for (const { resolve, reject } of all) 'error' in outcome ? reject(outcome.error) : resolve(outcome.record)
}
