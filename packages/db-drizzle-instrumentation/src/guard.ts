/** What of the instrumentation failed. */
export type FaultHook = 'metrics' | 'span' | 'event' | 'statement'

/** A failure of the instrumentation. The query went on as if there were none. */
export interface DrizzleFault {
  readonly hook: FaultHook
  /** What was thrown. It may hold anything; don't log it without redaction. */
  readonly error: unknown
}

/** Where every failure of a sink ends. There is no other `catch` for them in this package. */
export interface Guard {
  /** Returns what `step` returns, `undefined` when it throws. The arguments are passed along to save a closure a call. */
  run<A, B, C, R>(hook: FaultHook, step: (a: A, b: B, c: C) => R, a: A, b: B, c: C): R | undefined
  /** Calls a callback of the user's, and takes note if it throws or the promise that it returned rejects. */
  tell<E>(callback: ((event: E) => unknown) | undefined, event: E): void
  /**
   * Runs `work` inside of `enclose`, which is to call what it is given once, and returns or throws what `work` does,
   * however `enclose` behaves. Without a call of it, `work` runs with `undefined`.
   */
  within<S, R>(enclose: (inner: (state: S) => R) => unknown, work: (state: S | undefined) => R): R
}

/** Makes the guard of one instrumented database. */
export function createGuard(onFault: ((fault: DrizzleFault) => unknown) | undefined): Guard {
  const report = (hook: FaultHook, error: unknown): void => {
    try {
      ignoreRejection(onFault?.({ hook, error }))
    } catch {
      // Nobody is left to tell.
    }
  }
  return {
    run(hook, step, a, b, c) {
      try {
        return step(a, b, c)
      } catch (error) {
        report(hook, error)
        return undefined
      }
    },
    tell(callback, event) {
      if (callback === undefined) return
      try {
        const returned = callback(event)
        if (isThenable(returned)) returned.then(undefined, (error: unknown) => report('event', error))
      } catch (error) {
        report('event', error)
      }
    },
    within<S, R>(enclose: (inner: (state: S) => R) => unknown, work: (state: S | undefined) => R): R {
      let settled: Settled<R> | undefined
      const once = (state: S | undefined): R => {
        settled ??= settle(work, state)
        return open(settled)
      }
      try {
        ignoreRejection(enclose(once))
      } catch (error) {
        // What `work` threw comes out below, it is no fault of the sink.
        if (settled === undefined || !('error' in settled) || settled.error !== error) report('span', error)
      }
      return once(undefined)
    },
  }
}

type Settled<R> = { readonly value: R } | { readonly error: unknown }

function settle<S, R>(work: (state: S) => R, state: S): Settled<R> {
  try {
    return { value: work(state) }
  } catch (error) {
    return { error }
  }
}

function open<R>(settled: Settled<R>): R {
  if ('error' in settled) throw settled.error
  return settled.value
}

/** A promise that a sink made must not end the process; what it is made from has its own owner. */
function ignoreRejection(returned: unknown): void {
  if (isThenable(returned)) returned.then(undefined, () => {})
}

/** Whether `value` can be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
