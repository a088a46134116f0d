/** Sessions as this node knows them: what is stored, what it remembers of it, and the touches that are not written yet. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Freshness, holds } from '../cluster/freshness.ts'
import { TokMeshError } from '../domain/errors.ts'
import type { SessionRecord } from '../domain/session.ts'
import { stateOf } from '../domain/session-state.ts'
import type { SessionKey, Sight } from '../domain/session-store.ts'
import { isUnreachable } from './faults.ts'
import { createFence } from './fence.ts'
import { createFlights, type Moment } from './flights.ts'
import { createMemory } from './memory.ts'
import type { NodeSessions } from './node-sessions.ts'
import type { SessionRows } from './session-rows.ts'
import { createTouches, type TouchesOptions } from './touches.ts'

export type { NodeSessions } from './node-sessions.ts'

/** Options of {@link remembered}. */
export interface RememberedOptions extends Pick<TouchesOptions, 'intervalMs' | 'capacity' | 'schedule'> {
  /** What vouches for the memory. */
  readonly freshness: Freshness
  /** What is remembered takes at most so much. Default: 64 MiB. */
  readonly maxBytes?: number | undefined
  /** `session.tombstone_ttl`: a tombstone is remembered no longer than it is kept. Default: a day. */
  readonly tombstoneTtlMs?: number | undefined
  /** Touches of validations could not be stored. They are tried again while the database is unreachable. */
  readonly onTouchFailed?: ((error: unknown) => void) | undefined
  /** The touches of a validated session were given up, as other transactions held it for too long. */
  readonly onTouchConflict?: (() => void) | undefined
}

// A session that is changed more often than it can be read is an outage.
const maxReads = 5

/**
 * Returns the store with a memory in front of its reads and touches written behind. What is remembered is answered with
 * only while `freshness` vouches for it. Revoked and expired sessions are remembered too, which stay what they are; an
 * unknown one never is, since any node may create a session with a token that its caller brings.
 *
 * A read that was begun before a change of its session and ends after it is made again: what it found may be either.
 */
export function remembered(rows: SessionRows, options: RememberedOptions): NodeSessions {
  const { freshness, maxBytes = 64 * 1024 * 1024, tombstoneTtlMs = 86_400_000 } = options
  const memory = createMemory(maxBytes)
  const fence = createFence()
  const moment = (): Moment => ({
    mark: fence.mark(),
    at: freshness.now(),
    isListening: freshness.asOf() !== Number.NEGATIVE_INFINITY,
  })
  const flights = createFlights(rows.find, moment)
  const looks = { hits: 0, misses: 0 }
  // By the times of the sweep: sessions of before are read again.
  let sweptBy = 0
  let removedBy = 0

  const forgetOne = (id: string) => {
    fence.change(id)
    memory.drop(id)
  }
  const clear = () => {
    fence.changeAll()
    memory.clear()
  }

  /** Takes what a write of this node returned, unless another change may have come after it. */
  const take = (id: string, record: SessionRecord | undefined, begun: Moment) => {
    const isLast = begun.isListening && fence.holds(id, begun.mark) && !touches.isWriting(id)
    fence.change(id)
    if (record && isLast) memory.keep(record, true)
    else memory.drop(id)
  }
  const touches = createTouches({
    ...options,
    write: rows.writeTouches,
    isConflict: rows.isConflict,
    isUnreachable,
    onFailed: options.onTouchFailed,
    onConflict: options.onTouchConflict,
    onBatch() {
      const begun = moment()
      return (touch, row, isSure) => {
        if (row) take(touch.id, row, begun)
        // One that should have been changed and was not is no longer active, or held by others; after a failure, either.
        else if (touch.accesses > 0 || !isSure) forgetOne(touch.id)
      }
    },
  })

  /** Writes to one session, after what was noted of it before. */
  const writing = async (id: string, write: () => Promise<SessionRecord | undefined>) => {
    await touches.settle(id)
    const begun = moment()
    try {
      const record = await write()
      take(id, record, begun)
      return record
    } catch (error) {
      // It may have been done all the same.
      forgetOne(id)
      throw error
    }
  }

  const isPast = ({ expiresAt, revokedAt, isDeleted }: SessionRecord, now: number) => {
    const ended = Math.max(expiresAt, revokedAt)
    return ended <= Math.max(removedBy, now - tombstoneTtlMs) || (!isDeleted && expiresAt <= sweptBy)
  }
  const recall = (key: SessionKey, now: number, asOf: number) => {
    const record = holds(freshness, asOf) ? memory.get(key) : undefined
    return record && !isPast(record, now) ? record : undefined
  }

  /** Calls `use` at the very moment at which the record is known to be right. */
  const look = async <T>(key: SessionKey, now: number, use: (record: SessionRecord | undefined, asOf: number) => T) => {
    const before = flights.count()
    for (let reads = 0; reads < maxReads; reads++) {
      const asOf = freshness.asOf()
      const known = recall(key, now, asOf)
      looks[known ? 'hits' : 'misses'] += 1
      if (known) return use(touches.overlay(known), asOf)
      const { number, begun, result } = flights.join(key)
      const found = await result
      if (!found) {
        // That there is none counts only for those who had asked before the read was begun.
        if (number > before) return use(undefined, begun.at)
      } else if (touches.isWriting(found.id)) {
        await touches.idle()
      } else if (fence.holds(found.id, begun.mark)) {
        // A read by the other key may have found a later state already, which must not be followed by this one.
        const newest = begun.isListening ? memory.keep(found, false) : found
        return use(touches.overlay(newest), begun.at)
      }
    }
    throw new TokMeshError('TM-SYS-5030', 'The session is being changed all the time.')
  }

  return {
    ...rows,
    find: (key, now = 0) => look(key, now, (record) => record),
    see: (key, now) => look(key, now, (record, asOf): Sight => ({ record, asOf })),
    access: (key, { at, ip, userAgent }) =>
      look(key, at, (record, asOf): Sight => {
        if (!record || stateOf(record, at) !== 'active') return { record, asOf }
        return { record: touches.access(record, { at, ip, userAgent }), asOf }
      }),
    async insert(record, maxPerUser) {
      const begun = moment()
      const result = await rows.insert(record, maxPerUser)
      const isLast = begun.isListening && fence.holds(record.id, begun.mark)
      if (result.outcome === 'created' && isLast) memory.keep(record, false)
      return result
    },
    touch: touches.touch,
    renew: (id, now, ttlSeconds) => writing(id, () => rows.renew(id, now, ttlSeconds)),
    revoke: (id, now) => writing(id, () => rows.revoke(id, now)),
    async revokeAllOf(userId, now, limit) {
      await touches.flush()
      try {
        const { active, ids } = await rows.revokeAllOf(userId, now, limit)
        for (const id of ids) forgetOne(id)
        return { active, revoked: ids.length }
      } catch (error) {
        if (!rows.isConflict(error)) clear()
        throw error
      }
    },
    sweep(now, sample, scope) {
      sweptBy = Math.max(sweptBy, now)
      return rows.sweep(now, sample, scope)
    },
    removeTombstones(endedBy, limit) {
      removedBy = Math.max(removedBy, endedBy)
      return rows.removeTombstones(endedBy, limit)
    },
    async search(query, now) {
      await touches.flush()
      return rows.search(query, now)
    },
    forget(ids, isOwn = false) {
      for (const id of ids) if (!(isOwn && memory.takeEcho(id))) forgetOne(id)
    },
    clear,
    flush: touches.flush,
    async close(limitMs = 2_000) {
      await Promise.race([touches.flush().catch(() => {}), pause(limitMs, undefined, { ref: false })])
      touches.close()
    },
    stats() {
      const { waiting, dropped } = touches.stats()
      return { ...memory.size(), ...looks, touchesWaiting: waiting, touchesDropped: dropped }
    },
  }
}
