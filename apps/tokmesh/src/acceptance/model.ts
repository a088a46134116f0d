/**
 * Sessions as the contract tells of them, in a few lines of plain code: what the service is compared with when it is
 * driven by random sequences of calls.
 */

/** What the model knows of one session. */
export interface ModelSession {
  readonly id: string
  readonly token: string
  readonly userId: string
  expiresAt: number
  lastActive: number
  version: number
  revokedAt: number
  /** Its record is gone for sure: an answer has shown it. */
  removed: boolean
}

export interface ModelLimits {
  readonly maxPerUser: number
  readonly tombstoneTtlMs: number
}

/** What a session is at a moment: the contract's section 7.1. A record that may be gone by now may be either. */
export type ModelState = 'active' | 'expired' | 'revoked' | 'removed'

/** A set of sessions and the rules on them. */
export function createModel({ maxPerUser, tombstoneTtlMs }: ModelLimits) {
  const sessions: ModelSession[] = []

  /** The states that the contract allows; two while a tombstone is due and the sweep has not been seen to take it. */
  const statesOf = (session: ModelSession, now: number): readonly ModelState[] => {
    if (session.removed) return ['removed']
    const state = now >= session.expiresAt ? 'expired' : session.revokedAt > 0 ? 'revoked' : 'active'
    if (state === 'active') return [state]
    const due = Math.max(session.expiresAt, session.revokedAt) + tombstoneTtlMs
    return now >= due ? [state, 'removed'] : [state]
  }
  const activeOf = (userId: string, now: number) =>
    sessions.filter((one) => one.userId === userId && statesOf(one, now)[0] === 'active')

  return {
    sessions,
    statesOf,
    activeOf,
    overQuota: (userId: string, now: number) => activeOf(userId, now).length >= maxPerUser,
    create(id: string, token: string, userId: string, ttlMs: number, now: number): void {
      const times = { expiresAt: now + ttlMs, lastActive: now }
      sessions.push({ id, token, userId, ...times, version: 1, revokedAt: 0, removed: false })
    },
    touch(session: ModelSession, now: number): void {
      if (now <= session.lastActive) return
      session.lastActive = now
      session.version += 1
    },
    access(session: ModelSession, now: number): void {
      session.lastActive = Math.max(session.lastActive, now)
      session.version += 1
    },
    renew(session: ModelSession, ttlMs: number, now: number): void {
      session.expiresAt = now + ttlMs
      session.lastActive = Math.max(session.lastActive, now)
      session.version += 1
    },
    revoke(session: ModelSession, now: number): void {
      if (statesOf(session, now)[0] === 'active') session.revokedAt = now
    },
  }
}

export type Model = ReturnType<typeof createModel>
