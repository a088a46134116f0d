import type { CheckOptions } from './options.ts'
import { fromError, fromValue, type Outcome } from './outcome.ts'
import type { CheckResult } from './report.ts'
import type { Time } from './time.ts'

/** One check with its timeout, its cache and at most one run that is waited for. */
export interface Runner {
  /** Returns the cached result, the one under way, or that of a new run. Never rejects, never takes longer than the timeout. */
  run(): Promise<CheckResult>
  /** Returns the last result; `undefined` before the first. */
  last(): CheckResult | undefined
}

/** A check whose options all have a value. */
export type Settled = Required<CheckOptions>

/** Longest pause between two runs of a check whose earlier runs hang, in milliseconds: it is how late a recovery can be seen. */
const longestPauseMs = 30_000

const skipped: CheckResult = { status: 'skip', latencyMs: 0 }

/** Returns the runner of one check. */
export function createRunner(check: Settled, time: Time): Runner {
  const { timeoutMs, cacheMs } = check
  let underWay: Promise<CheckResult> | undefined
  let last: CheckResult | undefined
  let endedAt = Number.NEGATIVE_INFINITY
  /** Runs given up since one last settled, in time or late. */
  let hanging = 0

  // A check that ignores its signal would pile up runs, and connections with them: each one that hangs doubles the
  // pause. The pause ends when any of them settles, and at the latest after `longestPauseMs`: a later run may pass.
  const pauseMs = (): number =>
    hanging === 0 ? cacheMs : Math.max(cacheMs, Math.min(longestPauseMs, timeoutMs * 2 ** (hanging - 1)))

  function start(): Promise<CheckResult> {
    const startedAt = time.clock()
    const controller = new AbortController()
    return new Promise((resolve) => {
      let givenUp = false
      const finish = (outcome: Outcome): void => {
        endedAt = time.clock()
        underWay = undefined
        last = { ...outcome, latencyMs: Math.round((endedAt - startedAt) * 100) / 100 }
        resolve(last)
      }
      const cancel = time.timer(() => {
        givenUp = true
        hanging += 1
        finish({ status: 'fail', message: `timed out after ${timeoutMs} ms` })
        controller.abort(new DOMException(`timed out after ${timeoutMs} ms`, 'TimeoutError'))
      }, timeoutMs)
      void attempt(check, controller.signal).then((outcome) => {
        hanging = 0
        if (givenUp) return
        cancel()
        finish(outcome)
      })
    })
  }

  return {
    last: () => last,
    async run() {
      const skip = isSkipped(check)
      if (skip !== undefined) {
        last = skip
        return skip
      }
      if (underWay) return underWay
      // A result of `skip` is not a cached answer to a check that is on now.
      if (last && last.status !== 'skip' && time.clock() - endedAt < pauseMs()) return last
      underWay = start()
      return underWay
    },
  }
}

/** Runs a check to its end. Resolves whatever it does: what settles late has no one else to catch it. */
async function attempt(check: Settled, signal: AbortSignal): Promise<Outcome> {
  try {
    return fromValue(await check.check(signal))
  } catch (error) {
    return describe(error)
  }
}

function isSkipped({ skip }: Settled): CheckResult | undefined {
  try {
    return (typeof skip === 'function' ? skip() : skip) ? skipped : undefined
  } catch (error) {
    return { ...describe(error), latencyMs: 0 }
  }
}

// A thrown object may have a getter that throws.
function describe(error: unknown): Outcome {
  try {
    return fromError(error)
  } catch {
    return { status: 'fail', message: 'failed' }
  }
}
