import { askStore } from '../ask-store.ts'
import { cleanText } from '../clean-text.ts'
import { describeError } from '../describe-error.ts'
import type { Remediation } from '../remediation.ts'
import type { RemediationResult, RemediationTask, RunLimit } from '../store/store.ts'
import type { ReceiverSpan } from '../telemetry/spans.ts'
import { within } from '../within.ts'
import type { LaneContext } from './lane.ts'

/** Runs remediations, one at a time. */
export interface Remediator {
  look(): void
  /** Begins nothing more, and resolves when nothing is under way. */
  stop(): Promise<void>
}

const defaultLimit: RunLimit = { runs: 1, perMs: 900_000 }

/** A run outlives its limit by this, until it is taken for lost. */
const settleMs = 30_000
const maxDetailChars = 1_000

/** Returns what runs them. */
export function createRemediator(
  remediations: Readonly<Record<string, Remediation>>,
  context: LaneContext,
): Remediator {
  const { store, settings, metrics, guard, time } = context
  const { timeoutMs, maxWaitMs } = settings.remediating
  const limits = Object.fromEntries(
    Object.entries(remediations).map(([name, { limit }]) => [name, limit ?? defaultLimit]),
  )
  const claim = { limits, maxWaitMs, leaseMs: timeoutMs + settleMs }
  const ask = askStore({ open: 1, limitMs: settings.limits.storeTimeoutMs, time })
  let running: Promise<void> | undefined
  let stopped = false

  async function runAll(): Promise<void> {
    while (!stopped) {
      // One whose answer comes too late is not begun: it becomes `unknown`, and is not run by anybody.
      const { task, ended } = await ask(() => store.claimRemediation(claim, time.now()))
      for (const { remediation, result } of ended) metrics.remediated(remediation, result)
      if (task === undefined) return
      await remediate(task, remediations[task.remediation], context)
    }
  }

  return {
    look() {
      if (stopped || running !== undefined) return
      running = runAll()
        .catch((error: unknown) => guard.report({ hook: 'store', error }))
        .finally(() => {
          running = undefined
        })
    },
    async stop() {
      stopped = true
      await running
    },
  }
}

async function remediate(task: RemediationTask, known: Remediation | undefined, context: LaneContext): Promise<void> {
  const { store, settings, metrics, spans, guard, time } = context
  const attributes = { 'honoscope.remediation': task.remediation, 'honoscope.incident.id': task.incidentId }
  const { result, detail } = await spans.run('alert.remediate', { attributes, follows: task.trace }, async (span) =>
    show(span, await runOne(task, known, context)),
  )
  metrics.remediated(task.remediation, result)
  try {
    const { storeTimeoutMs } = settings.limits
    await within(store.settleRemediation(task, result, detail, time.now()), storeTimeoutMs, time, 'the store')
  } catch (error) {
    // It stays `running`, and becomes `unknown`: it is not run again.
    guard.report({ hook: 'store', name: task.remediation, error })
  }
}

interface Ended {
  readonly result: RemediationResult
  readonly detail: string
}

function show(span: ReceiverSpan, ended: Ended): Ended {
  span.set('honoscope.outcome', ended.result)
  if (ended.result === 'failed') span.failed('remediation_failed')
  return ended
}

async function runOne(task: RemediationTask, known: Remediation | undefined, context: LaneContext): Promise<Ended> {
  if (known === undefined) return { result: 'expired', detail: 'there is no remediation of this name' }
  const { settings, time, guard, closing } = context
  const dryRun = known.dryRun !== false
  const controller = new AbortController()
  const abort = (): void => controller.abort(closing.reason)
  closing.addEventListener('abort', abort)
  try {
    const run = new Promise<string>((resolve, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason))
      // What the store answered after the end is not begun: nobody would wait for it.
      if (closing.aborted) abort()
      else Promise.resolve(known.run(task.alert, { dryRun, signal: controller.signal })).then(resolve, reject)
    })
    const { timeoutMs } = settings.remediating
    const detail = await within(run, timeoutMs, time, 'the run', (error) => controller.abort(error))
    return { result: dryRun ? 'dry_run' : 'done', detail: cleanText(String(detail), maxDetailChars) }
  } catch (error) {
    guard.report({ hook: 'remediation', name: task.remediation, error })
    const refused = error instanceof Error && Reflect.get(error, 'code') === 'HONOSCOPE_REMEDIATION_REFUSED'
    return { result: refused ? 'refused' : 'failed', detail: describeError(error) }
  } finally {
    closing.removeEventListener('abort', abort)
  }
}
