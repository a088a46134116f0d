import { setTimeout as pause } from 'node:timers/promises'
import { type ErrorDetails, TokMeshError } from './errors.ts'
import { createSessionIds, hashToken, newToken } from './ids.ts'
import { newRecord } from './new-record.ts'
import { bulkRevokeLimit, checkCreate, checkToken, checkTtl, checkUserId, cutUserAgent } from './rules.ts'
import type { SessionLimits, Sessions } from './session.ts'
import { usable, valid } from './session-state.ts'
import type { SessionStore } from './session-store.ts'

/** What the metrics want to know. A hook must not throw. */
export interface SessionHooks {
  readonly onQuotaExceeded?: (() => void) | undefined
  /**
   * An attempt that another writer's change undid; `method` is the method of {@link Sessions}. The touch of a validation
   * is stored after it: of its conflicts the store tells.
   */
  readonly onVersionConflict?: ((method: 'renew' | 'touch' | 'validate') => void) | undefined
  /** A revoke took effect on this node, `lagSeconds` after its commit. */
  readonly onRevoked?: ((lagSeconds: number) => void) | undefined
}

/** Options of {@link createSessions}. */
export interface SessionsOptions {
  readonly store: SessionStore
  readonly limits: SessionLimits
  /** Server time in Unix ms. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined
  /** The same by the database's clock. Default: `clock`. */
  readonly databaseClock?: (() => number) | undefined
  /** Fills an array from a CSPRNG. Default: the platform's. */
  readonly random?: ((bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) | undefined
  /** Waits between the attempts at a renew. Default: a timer. */
  readonly wait?: ((ms: number) => Promise<unknown>) | undefined
  readonly hooks?: SessionHooks | undefined
  /**
   * Resolves when a majority of the nodes knows all that is committed by now; rejects with `TM-SYS-5030`. Default: at
   * once, as there is one node.
   */
  readonly confirm?: (() => Promise<unknown>) | undefined
}

const attempts = 3

/** Returns the session rules over a store. */
export function createSessions(options: SessionsOptions): Sessions {
  const { store, limits, clock = Date.now, hooks = {}, wait = pause, confirm = async () => {} } = options
  const { random, databaseClock = clock } = options
  const nextId = createSessionIds(random ? { clock, random } : { clock })

  /** Calls `write` again, 1 to 3 ms apart, while other transactions stand in its way. */
  const persist = async <T>(write: () => Promise<T>, onConflict?: () => void): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await write()
      } catch (error) {
        if (!store.isConflict(error)) throw error
        onConflict?.()
        if (attempt === attempts) throw error
        await wait(attempt)
      }
    }
  }

  /** Touches are best effort: another writer in the way is as good as this one having been first. */
  const unlessConflict = async <T>(write: () => Promise<T>) => {
    try {
      return await write()
    } catch (error) {
      if (!store.isConflict(error)) throw error
      hooks.onVersionConflict?.('touch')
      return undefined
    }
  }

  /** A node whose clock is ahead takes for expired what others accept: a revoke must not come to nothing by that. */
  const earliest = () => Math.min(clock(), databaseClock())

  /** Whether there is such a session that is not expired: one that can't be revoked is revoked already. */
  const isUnexpired = async (id: string) => {
    const found = await store.find({ id })
    return found !== undefined && earliest() < found.expiresAt
  }

  return {
    async create(input, caller) {
      const ttl = checkCreate(input, limits)
      const token = input.token ?? newToken(random)
      for (let attempt = 0; attempt <= attempts; attempt++) {
        const session = newRecord(nextId(), input, caller, hashToken(token), ttl, clock())
        const result = await persist(() => store.insert(session, limits.maxPerUser))
        if (result.outcome === 'created') return { session, token }
        if (result.outcome === 'quota') {
          hooks.onQuotaExceeded?.()
          throw quotaReached(limits.maxPerUser, result.active)
        }
        if (result.outcome === 'token_taken') throw new TokMeshError('TM-TOKN-4090', 'The token is already bound.')
      }
      throw new TokMeshError('TM-SESS-4090', 'No free session id was found.')
    },

    async get(id) {
      const now = clock()
      return usable(await store.find({ id }, now), now)
    },

    async touch(id) {
      const now = clock()
      const touched = await unlessConflict(() => store.touch(id, now))
      // Untouched: it is not active, or was active at this time already.
      return touched ?? usable(await store.find({ id }, now), now)
    },

    async renew(id, ttlSeconds) {
      const ttl = checkTtl(ttlSeconds, limits)
      const onConflict = () => hooks.onVersionConflict?.('renew')
      try {
        const renewed = await persist(() => store.renew(id, clock(), ttl), onConflict)
        if (renewed) return renewed
      } catch (error) {
        if (!store.isConflict(error)) throw error
        throw new TokMeshError('TM-SESS-4091', 'The session is being changed by others; try again.', { cause: error })
      }
      usable(await store.find({ id }), clock())
      throw new TokMeshError('TM-SESS-4091', 'The session was changed by others; try again.')
    },

    async revoke(id, { sync, onCommitted } = {}) {
      const revoked = await persist(() => store.revoke(id, earliest()))
      if (revoked) {
        // What this node reads from has the revoke by the time that the store returns: there is no lag to wait for.
        hooks.onRevoked?.(0)
        onCommitted?.(revoked)
      }
      if (sync && (revoked ?? (await isUnexpired(id)))) await afterCommit(confirm)
      return revoked
    },

    async revokeAllOf(userId, { sync, onCommitted } = {}) {
      checkUserId(userId)
      const { active, revoked } = await persist(() => store.revokeAllOf(userId, earliest(), bulkRevokeLimit))
      if (active > bulkRevokeLimit) throw tooManyToRevoke(active)
      if (revoked > 0) hooks.onRevoked?.(0)
      onCommitted?.(revoked)
      if (sync) await afterCommit(confirm, { revoked_count: revoked })
      return revoked
    },

    search: (query) => store.search(query, clock()),

    async validate(token, touch) {
      checkToken(token)
      const tokenHash = hashToken(token)
      const now = clock()
      const { record, asOf } = touch
        ? await store.access({ tokenHash }, { at: now, ip: touch.ip, userAgent: cutUserAgent(touch.userAgent) })
        : await store.see({ tokenHash }, now)
      return { session: valid(record, now), asOf }
    },
  }
}

/** Waits for the other nodes; a refusal says that the change stands all the same. */
async function afterCommit(confirm: () => Promise<unknown>, more: ErrorDetails = {}): Promise<void> {
  try {
    await confirm()
  } catch (error) {
    if (!(error instanceof TokMeshError)) throw error
    const details = { committed: true, ...error.details, ...more }
    throw new TokMeshError(error.code, error.message, { details, cause: error.cause })
  }
}

function quotaReached(limit: number, count: number): TokMeshError {
  return new TokMeshError('TM-SESS-4002', 'The user has as many sessions as are allowed.', {
    details: { limit, count },
  })
}

function tooManyToRevoke(count: number): TokMeshError {
  const details = { limit: bulkRevokeLimit, count }
  return new TokMeshError('TM-SESS-4002', `More than ${bulkRevokeLimit} sessions can't be revoked at once.`, {
    details,
  })
}
