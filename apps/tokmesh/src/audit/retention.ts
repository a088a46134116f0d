/** Removes audit entries that are older than they have to be. */
import type { AuditStore } from '../domain/audit.ts'

/** Options of {@link startRetention}. */
export interface RetentionOptions {
  readonly store: Pick<AuditStore, 'removeBefore'>
  /** `telemetry.audit.retention_days`, in milliseconds. */
  readonly retentionMs: number
  /** Whether this node removes, for all of them; while it does not, it is asked once a minute. Default: it does. */
  readonly isLeader?: (() => boolean) | undefined
  /** Between two looks. Default: an hour. */
  readonly intervalMs?: number | undefined
  /** Entries that one statement deletes. Default: 1,000, which takes some milliseconds. */
  readonly batchSize?: number | undefined
  /** Pause between two statements, milliseconds, so that a large removal takes no more than a share of the database. Default: 20. */
  readonly pauseMs?: number | undefined
  /** Unix ms. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined
  /** Hears of a failed removal, which is tried again at the next look. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A running retention. */
export interface Retention {
  /** No statement begins after this call; resolves when the one under way has ended. */
  stop(): Promise<void>
}

/** Starts removing: at once, and then time after time. Its timers do not keep the process alive. */
export function startRetention(options: RetentionOptions): Retention {
  const { store, retentionMs, intervalMs = 3_600_000, batchSize = 1_000, pauseMs = 20, clock = Date.now } = options
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let underWay: Promise<void> = Promise.resolve()

  const removeSome = async () => {
    if (options.isLeader?.() === false) return schedule(Math.min(intervalMs, 60_000))
    let nextMs = intervalMs
    try {
      const removed = await store.removeBefore(clock() - retentionMs, batchSize)
      if (removed === batchSize) nextMs = pauseMs
    } catch (error) {
      options.onError?.(error)
    }
    schedule(nextMs)
  }

  const schedule = (ms: number) => {
    if (stopped) return
    timer = setTimeout(() => {
      underWay = removeSome()
    }, ms)
    timer.unref()
  }
  schedule(0)

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await underWay
    },
  }
}
