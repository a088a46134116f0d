import { ApiKeyError } from './errors.ts'

/** Settles as `call` does, or rejects with `KEY_STORE_TIMEOUT` after `ms`. What comes later is ignored. */
export async function within<T>(ms: number, call: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ApiKeyError('KEY_STORE_TIMEOUT', `no answer in ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([call(), late])
  } finally {
    clearTimeout(timer)
  }
}

/** A timer that keeps no process alive where the runtime can tell so. */
export function backgroundTimer(run: () => void, ms: number): () => void {
  const timer: unknown = setTimeout(run, ms)
  if (hasUnref(timer)) timer.unref()
  return () => clearTimeout(timer as ReturnType<typeof setTimeout>)
}

function hasUnref(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer
}
