/** Time limits that leave neither timers nor listeners behind. */
import { TimeoutError } from './transport-errors.ts'

/** A signal that is aborted when its time is over or another signal is. */
export interface Limit {
  readonly signal: AbortSignal
  /** Ends the limit. */
  release(): void
}

/** Starts a limit of `ms` milliseconds within `outer`. Its reason is a `TimeoutError`, or that of `outer`. */
export function limit(ms: number, outer?: AbortSignal): Limit {
  const controller = new AbortController()
  const stop = () => controller.abort(outer?.reason)
  const timer = setTimeout(() => controller.abort(new TimeoutError(ms)), ms)
  outer?.addEventListener('abort', stop, { once: true })
  if (outer?.aborted) stop()
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', stop)
    },
  }
}

/** Settles as `work` does, but rejects with the signal's reason once it is aborted: not every `fetch` looks at its signal. */
export function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** Resolves after `ms` milliseconds. Rejects with the signal's reason when it is aborted before. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return within(signal, over).finally(() => clearTimeout(timer))
}
