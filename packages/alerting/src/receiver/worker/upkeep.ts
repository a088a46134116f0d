import { askStore } from '../ask-store.ts'
import type { LaneContext } from './lane.ts'

const expireEveryMs = 60_000
const pruneEveryMs = 3_600_000

/** Returns what is to be called now and then: it gives up what nobody asks for, and removes what is old. */
export function createUpkeep(
  notifiers: readonly string[],
  context: Pick<LaneContext, 'store' | 'settings' | 'guard' | 'time' | 'random'>,
): () => void {
  const { store, settings, guard, time, random } = context
  const ask = askStore({ open: 1, limitMs: expireEveryMs, time })
  let busy = false
  let expireAt = time.now()
  // Processes that start together do not prune together.
  let pruneAt = time.now() + Math.round(random() * expireEveryMs)

  async function work(nowMs: number): Promise<void> {
    if (nowMs >= expireAt) {
      expireAt = nowMs + expireEveryMs
      await store.expire(notifiers, nowMs - settings.sending.maxAgeMs, nowMs)
    }
    if (nowMs >= pruneAt) {
      pruneAt = nowMs + pruneEveryMs
      await store.prune(nowMs - settings.retentionMs, nowMs - settings.deadLetterRetentionMs)
    }
  }

  return () => {
    const nowMs = time.now()
    if (busy || (nowMs < expireAt && nowMs < pruneAt)) return
    busy = true
    ask(() => work(nowMs))
      .catch((error: unknown) => guard.report({ hook: 'store', error }))
      .finally(() => {
        busy = false
      })
  }
}
