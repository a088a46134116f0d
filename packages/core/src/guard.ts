import type { Clock } from './clock.ts'
import type { AnyInstrument, Fault, HookName } from './instrument.ts'

/** Takes a sentence for the log, at most once a minute for each instrument and hook. It holds no part of the error. */
export type FaultLog = (message: string, fault: Fault) => void

/** Where the failures of hooks end: they are passed to the instruments that count, and to the log now and then. */
export interface Guard {
  /** Never throws. */
  report(instrument: AnyInstrument, hook: HookName, error: unknown): void
  /** Reports a promise that a hook returned, if it rejects. Nothing waits for it. */
  watch(instrument: AnyInstrument, hook: HookName, returned: unknown): void
}

const logIntervalMs = 60_000

/** Returns the guard of one observer. */
export function createGuard(instruments: readonly AnyInstrument[], clock: Clock, log: FaultLog | undefined): Guard {
  const loggedAt = new Map<string, number>()

  function logNow(fault: Fault): boolean {
    const key = `${fault.instrument} ${fault.hook}`
    const now = clock()
    if (now - (loggedAt.get(key) ?? Number.NEGATIVE_INFINITY) < logIntervalMs) return false
    loggedAt.set(key, now)
    return true
  }

  function report(instrument: AnyInstrument, hook: HookName, error: unknown): void {
    const fault: Fault = { instrument: instrument.name, hook, error }
    for (const counter of instruments) attempt(() => counter.fault?.(fault))
    if (log && logNow(fault)) attempt(() => log(`Instrument "${fault.instrument}" failed in its "${hook}" hook`, fault))
  }

  return {
    report,
    watch(instrument, hook, returned) {
      if (isThenable(returned)) returned.then(undefined, (error: unknown) => report(instrument, hook, error))
    },
  }
}

/** Runs `report` steps that have nobody left to tell. */
function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // A counter or log that fails must not fail the request whose fault it was told of.
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
