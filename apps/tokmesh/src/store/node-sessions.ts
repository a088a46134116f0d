import type { SessionStore } from '../domain/session-store.ts'

/** The session store of a node. */
export interface NodeSessions extends SessionStore {
  /**
   * These sessions were changed. `isOwn`: by a write of this node, over a connection that sends the subscription's
   * sender; such a change is passed over when its result is remembered already.
   */
  forget(ids: readonly string[], isOwn?: boolean): void
  /** Any session may have been changed. */
  clear(): void
  /** Resolves when all touches that were noted are stored; rejects with `TM-SYS-5030` while the database is unreachable. */
  flush(): Promise<void>
  /** Stores what was noted, for at most `limitMs` (default: 2,000). Nothing is written by itself after it. Never rejects. */
  close(limitMs?: number): Promise<void>
  stats(): SessionStats
}

export interface SessionStats {
  /** Sessions that are remembered, and the memory that they take. */
  readonly sessions: number
  readonly bytes: number
  /** Lookups that were answered from memory, and those that were not. */
  readonly hits: number
  readonly misses: number
  /** Sessions whose touches are not stored yet, and those whose touches were dropped as too many waited. */
  readonly touchesWaiting: number
  readonly touchesDropped: number
}
