import type { KeyStore } from './store.ts'
import { backgroundTimer, within } from './time.ts'

/** Remembers when keys were used, and tells the store a little later, off the request path. */
export interface Usage {
  mark(id: string, at: number): void
  /** Writes what is left and stops. Never rejects. */
  close(): Promise<void>
}

/** @see Usage */
export interface UsageOptions {
  readonly store: KeyStore
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly onError: (error: unknown) => void
}

/** One write for all keys that were used in an interval. A failed one is tried again with the next. */
export function createUsage({ store, intervalMs, timeoutMs, onError }: UsageOptions): Usage {
  let pending = new Map<string, number>()
  let cancelTimer: (() => void) | undefined
  let writing = Promise.resolve()
  let closed = false

  const mark = (id: string, at: number): void => {
    if (closed) return
    pending.set(id, Math.max(at, pending.get(id) ?? 0))
    cancelTimer ??= backgroundTimer(() => {
      cancelTimer = undefined
      flush()
    }, intervalMs)
  }
  const write = async (): Promise<void> => {
    if (pending.size === 0) return
    const uses = [...pending].map(([id, at]) => ({ id, at }))
    pending = new Map()
    try {
      await within(timeoutMs, async () => store.markUsed(uses))
    } catch (error) {
      for (const { id, at } of uses) mark(id, at)
      onError(error)
    }
  }
  const flush = (): Promise<void> => {
    writing = writing.then(write)
    return writing
  }
  return {
    mark,
    close: async () => {
      closed = true
      cancelTimer?.()
      await flush()
    },
  }
}
