import type { SessionStore, SweepScope } from './session-store.ts'

/** Options of {@link startSweep}. */
export interface SweepOptions {
  readonly store: SessionStore
  /** `session.tombstone_ttl`: how long a tombstone is kept after its end. */
  readonly tombstoneTtlMs: number
  /** `session.ttl.gc_interval`: between two samples while there is work. Default: 100 ms. */
  readonly intervalMs?: number | undefined
  /** `session.ttl.sample_size`: sessions looked at in one round. Default: 20. */
  readonly sampleSize?: number | undefined
  /** The shards that are this node's now. Default: `undefined`, which is all. */
  readonly shards?: (() => readonly number[] | undefined) | undefined
  /** Unix ms. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined
  /** Hears of a failed sweep, which is tried again a second later. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A running sweep. */
export interface Sweep {
  /** Sweeps at once what a tick would; how many sessions became tombstones. Waits for a tick that is under way. */
  tick(): Promise<number>
  /** No tick begins after this call; resolves when the one under way has ended. */
  stop(): Promise<void>
}

const extraRounds = 4

/** A round in which more than this share of the sample had expired calls for another. */
const repeatShare = 0.25

/** With nothing due, one look a second keeps an idle node idle; sessions with shorter lives are late by no more. */
const idleMs = 1_000

/** How long it is relied on that nothing expires before what was found: other clocks are behind, operators set dates. */
const reliedOnMs = 2_000

/**
 * Starts turning expired sessions into tombstones and deleting tombstones that are due: the contract's 7.4.
 * Nothing depends on it but the numbers and the space. Its timer does not keep the process alive.
 */
export function startSweep(options: SweepOptions): Sweep {
  const { store, tombstoneTtlMs, intervalMs = 100, sampleSize = 20, clock = Date.now } = options
  const progress = createProgress(options.shards)
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let underWay: Promise<unknown> = Promise.resolve()

  const work = async (): Promise<{ swept: number; pauseMs: number }> => {
    const now = clock()
    const scope = progress.scope(now)
    // Of a node that leaves, or has lost its id: to find nothing of no shard, the whole index would be read.
    if (scope.shards?.length === 0) return { swept: 0, pauseMs: Math.max(intervalMs, idleMs) }
    const due = await store.nextDue(scope)
    progress.note(Math.min(due.expiry ?? now, now))
    const isDue = due.expiry !== undefined && due.expiry <= now
    const swept = isDue ? await sweepExpired(store, now, sampleSize, progress.scope(now)) : 0
    const tombstoneDue = due.tombstone === undefined ? Infinity : due.tombstone + tombstoneTtlMs
    if (tombstoneDue <= now) await store.removeTombstones(now - tombstoneTtlMs, sampleSize * (1 + extraRounds))
    const next = Math.min(due.expiry ?? Infinity, tombstoneDue)
    return { swept, pauseMs: Math.max(intervalMs, Math.min(idleMs, next - now)) }
  }

  /** One after the other, whoever asks. */
  const queued = () => {
    const result = underWay.then(work)
    underWay = result.catch(() => {})
    return result
  }

  const schedule = (ms: number) => {
    if (stopped) return
    timer = setTimeout(async () => {
      try {
        schedule((await queued()).pauseMs)
      } catch (error) {
        options.onError?.(error)
        schedule(Math.max(intervalMs, idleMs))
      }
    }, ms)
    timer.unref()
  }
  schedule(intervalMs)

  return {
    tick: async () => (await queued()).swept,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await underWay
    },
  }
}

/**
 * Remembers up to where nothing is left in the own shards. What is left there of others' shards, of a node that is
 * slow or gone, would have to be passed over in each round: 100,000 sessions take 20 ms.
 */
function createProgress(shardsNow: (() => readonly number[] | undefined) | undefined) {
  let shards: readonly number[] | undefined
  let from = 0
  let begunAt = Number.NEGATIVE_INFINITY
  return {
    scope(now: number): SweepScope {
      const current = shardsNow?.()
      if (String(current) !== String(shards) || Math.abs(now - begunAt) >= reliedOnMs) {
        from = 0
        begunAt = now
      }
      shards = current
      return { shards, from }
    },
    /** Nothing of the scope expires before. */
    note(expiry: number): void {
      from = expiry
    },
  }
}

async function sweepExpired(store: SessionStore, now: number, sampleSize: number, scope: SweepScope): Promise<number> {
  let swept = 0
  for (let round = 0; round <= extraRounds; round++) {
    const inRound = await store.sweep(now, sampleSize, scope)
    swept += inRound
    if (inRound <= sampleSize * repeatShare) break
  }
  return swept
}
