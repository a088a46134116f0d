/** What of the receiver failed. */
export type FaultHook = 'store' | 'notifier' | 'remediation' | 'metrics' | 'span'

/** A failure that no answer told of. */
export interface ReceiverFault {
  readonly hook: FaultHook
  /** Name of the notifier or remediation that it was about. */
  readonly name?: string
  /** What was thrown. It may hold anything, an address with a secret too; don't log it without redaction. */
  readonly error: unknown
}

/** Where failures end that must not change what the receiver does. */
export interface Guard {
  /** Never throws. */
  report(fault: ReceiverFault): void
  /** Returns what `step` returns, `undefined` when it throws. */
  run<T>(hook: FaultHook, step: () => T): T | undefined
}

/** Returns the guard of one receiver. */
export function createGuard(onFault: ((fault: ReceiverFault) => unknown) | undefined): Guard {
  const report = (fault: ReceiverFault): void => {
    try {
      const returned = onFault?.(fault)
      if (returned instanceof Promise) returned.catch(() => {})
    } catch {
      // Nobody is left to tell.
    }
  }
  return {
    report,
    run(hook, step) {
      try {
        return step()
      } catch (error) {
        report({ hook, error })
        return undefined
      }
    },
  }
}
