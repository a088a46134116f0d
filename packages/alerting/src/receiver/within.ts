import type { Time } from './time.ts'

/** It took too long. What was asked for may still happen. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
  readonly code = 'HONOSCOPE_RECEIVER_TIMEOUT'
}

/**
 * Settles as `work` does, or rejects with a {@link TimeoutError} after `limitMs`; `onTimeout` is called then. What `work`
 * comes to later is dropped.
 */
export function within<T>(
  work: PromiseLike<T>,
  limitMs: number,
  time: Time,
  what: string,
  onTimeout?: (error: TimeoutError) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = time.timer(() => {
      const error = new TimeoutError(`${what} took longer than ${limitMs} ms`)
      reject(error)
      onTimeout?.(error)
    }, limitMs)
    work.then(
      (value) => {
        cancel()
        resolve(value)
      },
      (error: unknown) => {
        cancel()
        reject(error)
      },
    )
  })
}
