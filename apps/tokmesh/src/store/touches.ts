/**
 * Touches of sessions, written behind and in batches. A validation is answered before its access is stored: a killed
 * process loses what it noted within the last `intervalMs` and what the statement under way has, at most; one that ends
 * in order loses nothing. A touch that is a call of its own is waited for, and shares the statement of its moment.
 */
import { runInScope } from '@honoscope/core'
import type { SessionRecord } from '../domain/session.ts'
import type { SessionAccess } from '../domain/session-store.ts'
import { createTouchQueue, type Touch, tell } from './touch-queue.ts'

/** Options of {@link createTouches}. */
export interface TouchesOptions {
  /** Writes and returns what was changed, with or without what another transaction holds. */
  readonly write: (touches: readonly Touch[], passLocked: boolean) => Promise<readonly SessionRecord[]>
  readonly isConflict: (error: unknown) => boolean
  readonly isUnreachable: (error: unknown) => boolean
  /** Called before each batch; the function that it returns hears what became of each touch of it. */
  readonly onBatch?: (() => (touch: Touch, row: SessionRecord | undefined, isSure: boolean) => void) | undefined
  /** Accesses could not be stored: they are tried again while the database is unreachable, which is told of once. */
  readonly onFailed?: ((error: unknown) => void) | undefined
  /** Accesses were given up, as other transactions held their session again and again. */
  readonly onConflict?: (() => void) | undefined
  /** How long an access waits for others. Default: 100 ms. */
  readonly intervalMs?: number | undefined
  /** Sessions of one statement. Default: 500. */
  readonly batchSize?: number | undefined
  /** Sessions that wait at most, some 10 MB; beyond it the oldest are dropped. Default: 20,000. */
  readonly capacity?: number | undefined
  /** Calls back later; returns what prevents it. Default: a timer that does not keep the process alive. */
  readonly schedule?: ((call: () => void, ms: number) => () => void) | undefined
}

/** @see createTouches */
export interface Touches {
  /** Notes an access of a session that is active; returns the record as it is after it. */
  access(record: SessionRecord, access: SessionAccess): SessionRecord
  /** Raises `lastActive`; resolves when that is stored, with `undefined` when it changed nothing. */
  touch(id: string, at: number): Promise<SessionRecord | undefined>
  /** A record of the database as it is with what was noted. */
  overlay(record: SessionRecord): SessionRecord
  /** Whether a read may or may not see accesses of the session that are noted. */
  isWriting(id: string): boolean
  /** Resolves when the batch under way, if any, has ended, well or not. */
  idle(): Promise<void>
  /** Resolves when the accesses of the session that were noted before are stored. Rejects while the database is unreachable. */
  settle(id: string): Promise<void>
  /** As {@link Touches.settle}, of all sessions. */
  flush(): Promise<void>
  /** Nothing is written by itself from now on. */
  close(): void
  /** Sessions that wait, and sessions whose touches were dropped as too many waited. */
  stats(): { readonly waiting: number; readonly dropped: number }
}

// Between two attempts at an unreachable database.
const retryMs = 500
// Batches in which a session may be held by others before its accesses are given up.
const maxConflicts = 3

interface Outcome {
  readonly rows: readonly SessionRecord[]
  /** Why some are not stored that should be. */
  readonly error?: unknown
}

/** Returns touches that are written behind. */
export function createTouches(options: TouchesOptions): Touches {
  const { write, isConflict, isUnreachable, onBatch, onFailed, onConflict } = options
  const { intervalMs = 100, batchSize = 500, capacity = 20_000, schedule = later } = options
  const queue = createTouchQueue(capacity)
  let running: Promise<unknown> | undefined
  let cancel: (() => void) | undefined
  let isClosed = false
  // An outage is told of once.
  let told = { failure: false, dropped: 0 }

  const attempt = async (batch: readonly Touch[]): Promise<Outcome> => {
    try {
      return { rows: await write(batch, false) }
    } catch (error) {
      if (!isConflict(error)) return { rows: [], error }
      return write(batch, true).then(
        (rows) => ({ rows, error }),
        (again) => ({ rows: [], error: again }),
      )
    }
  }

  /** Returns the touch if it is to be tried again; tells those who wait. */
  const settleUnwritten = (touch: Touch, error: unknown): boolean => {
    const isWaitedFor = touch.accesses === 0
    const mayCome = !isWaitedFor && (isUnreachable(error) || (isConflict(error) && ++touch.conflicts < maxConflicts))
    const isRefusal = error !== undefined && (isWaitedFor || isUnreachable(error))
    tell(touch.waiting.splice(0), isRefusal ? { error } : { record: undefined })
    if (isConflict(error) && !isWaitedFor && !mayCome) onConflict?.()
    return mayCome
  }

  const finish = (
    batch: readonly Touch[],
    { rows, error }: Outcome,
    onTouch?: ReturnType<NonNullable<typeof onBatch>>,
  ) => {
    const written = new Map(rows.map((row) => [row.id, row]))
    const again: Touch[] = []
    queue.done()
    for (const touch of batch) {
      const row = written.get(touch.id)
      onTouch?.(touch, row, error === undefined)
      if (row) tell(touch.waiting.splice(0), { record: queue.overlay(row) })
      else if (settleUnwritten(touch, error)) again.push(touch)
    }
    queue.putBack(again, isUnreachable(error) ? 'front' : 'back')
    if (isUnreachable(error)) tell(queue.giveUp(), { error })
    report(error)
  }

  const report = (error: unknown) => {
    const isFailure = error !== undefined && !isConflict(error)
    if (isFailure && !(told.failure && isUnreachable(error))) onFailed?.(error)
    if (queue.dropped() > told.dropped) onFailed?.(new Error('more touches waited than are kept; the oldest are lost'))
    told = { failure: isFailure, dropped: queue.dropped() }
  }

  /** Never rejects; resolves with the error of the batch. */
  const cycle = async (): Promise<unknown> => {
    // Who comes in the same turn shares the statement.
    await undefined
    const batch = queue.take(batchSize)
    if (batch.length === 0) return undefined
    const onTouch = onBatch?.()
    const outcome = await attempt(batch)
    finish(batch, outcome, onTouch)
    return outcome.error
  }

  const round = (): Promise<unknown> => {
    cancel?.()
    cancel = undefined
    running ??= runInScope(undefined, cycle).finally(() => {
      running = undefined
      plan()
    })
    return running
  }

  const plan = () => {
    if (running) return
    if (queue.isUrgent() || (queue.size() >= batchSize && !told.failure)) void round()
    else if (queue.size() > 0 && !isClosed)
      cancel ??= runInScope(undefined, () => schedule(() => void round(), told.failure ? retryMs : intervalMs))
  }

  return {
    access(record, access) {
      queue.note(record.id, access)
      plan()
      return {
        ...record,
        version: record.version + 1,
        lastActive: Math.max(record.lastActive, access.at),
        lastAccessIp: access.ip,
        lastAccessUa: access.userAgent,
      }
    },
    touch: (id, at) =>
      new Promise((resolve, reject) => {
        queue.ask(id, at, { resolve, reject })
        plan()
      }),
    overlay: queue.overlay,
    isWriting: queue.isWriting,
    async idle() {
      await running
    },
    settle: (id) =>
      new Promise((resolve, reject) => {
        if (!queue.hurry(id, { resolve: () => resolve(), reject })) return resolve()
        plan()
      }),
    async flush() {
      const last = queue.newest()
      while (queue.oldest() <= last) {
        const error = await round()
        if (isUnreachable(error)) throw error
      }
    },
    close() {
      isClosed = true
      cancel?.()
    },
    stats: () => ({ waiting: queue.size(), dropped: queue.dropped() }),
  }
}

function later(call: () => void, ms: number): () => void {
  const timer = setTimeout(call, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
