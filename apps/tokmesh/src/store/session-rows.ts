import type { SessionRecord } from '../domain/session.ts'
import type { SessionKey, SessionStore } from '../domain/session-store.ts'
import type { Touch } from './touch-queue.ts'

/** Sessions as the database has them, with nothing in between. */
export interface SessionRows extends Omit<SessionStore, 'access' | 'find' | 'revokeAllOf' | 'see' | 'touch'> {
  find(key: SessionKey): Promise<SessionRecord | undefined>
  /** As {@link SessionStore.revokeAllOf}; which were revoked. */
  revokeAllOf(
    userId: string,
    now: number,
    limit: number,
  ): Promise<{ readonly active: number; readonly ids: readonly string[] }>
  /**
   * Stores touches of active sessions, each session once, and returns the sessions that it changed. With `passLocked`
   * it passes over those that another transaction holds.
   */
  writeTouches(touches: readonly Touch[], passLocked: boolean): Promise<readonly SessionRecord[]>
}
