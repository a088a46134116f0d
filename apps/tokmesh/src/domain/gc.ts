import { TokMeshError } from './errors.ts'
import type { SessionStore } from './session-store.ts'

/** What a collection may be asked for: the contract's section 4.13. */
export const gcTypes = ['expired_sessions', 'memory', 'all'] as const
export type GcType = (typeof gcTypes)[number]

/** What a collection did. */
export interface GcReport {
  /** Expired sessions that became tombstones; 0 for `memory`. */
  readonly cleaned: number
  readonly durationMs: number
  /** Bytes by which the process is smaller; `undefined` where its memory was not looked at. */
  readonly freedBytes: number | undefined
}

export interface GcOptions {
  readonly store: Pick<SessionStore, 'sweep' | 'removeTombstones'>
  /** `session.tombstone_ttl`, milliseconds. */
  readonly tombstoneTtlMs: number
  /** Gives memory back; returns by how many bytes the process has shrunk. */
  readonly freeMemory: () => number
  /** Unix ms. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined
  /** Monotonic milliseconds, for the pause between two collections. Default: `performance.now`. */
  readonly monotonic?: (() => number) | undefined
}

/** Sessions in one statement: long enough to be worth it, short enough that others get their turn. */
const batch = 1000

/** Least time between two collections of one type on this node. */
const pauseMs = 60_000

/**
 * Returns collections by hand. Each sweeps the expired sessions of all shards and deletes the tombstones that are due,
 * gives memory back, or both. Rejects with `TM-ADMIN-4291` within a minute of the last one of the same type, whose
 * `details.retry_after_seconds` tells what is left; one that failed doesn't count.
 */
export function createGc(options: GcOptions): (type: GcType) => Promise<GcReport> {
  const { store, tombstoneTtlMs, freeMemory, clock = Date.now, monotonic = () => performance.now() } = options
  const begun = new Map<GcType, number>()

  const collect = async (type: GcType): Promise<GcReport> => {
    const startedAt = monotonic()
    const now = clock()
    let cleaned = 0
    if (type !== 'memory') {
      cleaned = await exhaust(() => store.sweep(now, batch))
      await exhaust(() => store.removeTombstones(now - tombstoneTtlMs, batch))
    }
    const freedBytes = type === 'expired_sessions' ? undefined : freeMemory()
    return { cleaned, durationMs: Math.round(monotonic() - startedAt), freedBytes }
  }

  return async (type) => {
    const leftMs = (begun.get(type) ?? Number.NEGATIVE_INFINITY) + pauseMs - monotonic()
    if (leftMs > 0) throw tooSoon(leftMs)
    begun.set(type, monotonic())
    try {
      return await collect(type)
    } catch (error) {
      begun.delete(type)
      if (error instanceof TokMeshError) throw error
      throw new TokMeshError('TM-ADMIN-5001', 'The collection failed', { cause: error })
    }
  }
}

/** Repeats `step` until it finds less than a whole batch; how many in all. */
async function exhaust(step: () => Promise<number>): Promise<number> {
  let total = 0
  for (;;) {
    const found = await step()
    total += found
    if (found < batch) return total
  }
}

function tooSoon(leftMs: number): TokMeshError {
  const seconds = Math.ceil(leftMs / 1000)
  const details = { retry_after_seconds: seconds }
  return new TokMeshError('TM-ADMIN-4291', 'There was a collection of this type within the last minute', { details })
}
