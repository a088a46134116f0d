import { askStore } from '../ask-store.ts'
import { describeError } from '../describe-error.ts'
import type { Guard } from '../guard.ts'
import type { Notifier } from '../notifier.ts'
import type { Settings } from '../settings.ts'
import type { AlertStore, Claimed, Settlement } from '../store/store.ts'
import type { ReceiverMetrics } from '../telemetry/metrics.ts'
import type { ReceiverSpan, Spans } from '../telemetry/spans.ts'
import type { Time } from '../time.ts'
import { within } from '../within.ts'
import { attempt, type Outcome } from './attempt.ts'
import { createCircuit, jitter } from './circuit.ts'

/** What the lanes of a worker share. */
export interface LaneContext {
  readonly store: AlertStore
  readonly settings: Settings
  readonly metrics: ReceiverMetrics
  readonly spans: Spans
  readonly guard: Guard
  readonly time: Time
  readonly random: () => number
  /** Aborted when the receiver is closed and has waited long enough. */
  readonly closing: AbortSignal
}

/** Sends the messages of one notifier. One that hangs holds up its own lane alone. */
export interface Lane {
  /** Looks for messages that are due, as long as there is room. */
  look(): void
  /** Begins nothing more, and resolves when nothing is under way. */
  stop(): Promise<void>
  status(): { readonly name: string; readonly kind: string; readonly sending: number; readonly failures: number }
}

/** Claims that a store may leave unanswered. */
const maxClaims = 3

/** Returns the lane of a notifier. */
export function createLane(name: string, notifier: Notifier, context: LaneContext): Lane {
  const { store, settings, guard, time, random } = context
  const { sending, limits } = settings
  const ask = askStore({ open: maxClaims, limitMs: limits.storeTimeoutMs, time })
  const circuit = createCircuit({ ...sending, random })
  const active = new Set<Promise<void>>()
  let looking: Promise<void> | undefined
  let lookAgain = false
  let stopped = false

  const free = (): number => (stopped ? 0 : circuit.free(active.size, time.now()))

  async function claim(): Promise<void> {
    for (let room = free(); room > 0; room = free()) {
      // It outlives the attempt, so that its end can be written down even by a store that stutters.
      const leaseMs = 2 * sending.timeoutMs
      const few = room
      const claimed = await ask(() => store.claim(name, time.now(), leaseMs, few), beginLate)
      for (const one of claimed) begin(one)
      if (claimed.length < room) return
    }
  }

  /** What was claimed by a question that nobody waits for any more is ours all the same, as long as the claim holds. */
  function beginLate(claimed: readonly Claimed[]): void {
    const nowMs = time.now()
    for (const one of claimed) if (!stopped && nowMs + sending.timeoutMs <= one.leasedUntil) begin(one)
  }

  function begin(claimed: Claimed): void {
    const done = send(name, notifier, claimed, context, circuit).finally(() => {
      active.delete(done)
      look()
    })
    active.add(done)
  }

  function look(): void {
    lookAgain = looking !== undefined
    if (lookAgain || free() === 0) return
    looking = claim()
      .catch((error: unknown) => guard.report({ hook: 'store', name, error }))
      .finally(() => {
        looking = undefined
        // What ended meanwhile has made room, or freed a message that waited for it.
        if (lookAgain) look()
      })
  }

  return {
    look,
    async stop() {
      stopped = true
      await looking
      await Promise.all(active)
    },
    status: () => ({ name, kind: notifier.kind, sending: active.size, failures: circuit.failures }),
  }
}

type Circuit = ReturnType<typeof createCircuit>

async function send(
  name: string,
  notifier: Notifier,
  claimed: Claimed,
  context: LaneContext,
  circuit: Circuit,
): Promise<void> {
  const { metrics, spans, settings, time, closing, guard } = context
  const { message, attempts, trace } = claimed
  const startedAt = time.now()
  const attributes = {
    'honoscope.notifier': name,
    'honoscope.notifier.kind': notifier.kind,
    'honoscope.message.id': message.id,
    'honoscope.attempt': attempts + 1,
    'honoscope.alerts': message.alerts.length,
  }
  const outcome = await spans.run('alert.notify', { attributes, follows: trace }, async (span) => {
    const { timeoutMs } = settings.sending
    return show(span, await attempt(notifier, message, attempts + 1, { timeoutMs, time, closing }))
  })
  const endedAt = time.now()
  if (outcome.kind === 'failed') circuit.failed(endedAt, outcome.afterMs)
  else circuit.succeeded()
  if (outcome.kind !== 'sent') guard.report({ hook: 'notifier', name, error: outcome.error })
  const settlement = settlementOf(outcome, claimed, endedAt, context)
  metrics.attempted(name, Math.max(0, endedAt - startedAt))
  metrics.notified(name, settlement.kind)
  await write(claimed, settlement, context)
}

function show(span: ReceiverSpan, outcome: Outcome): Outcome {
  span.set('honoscope.outcome', outcome.kind)
  if (outcome.kind !== 'sent') span.failed(outcome.error instanceof Error ? outcome.error.name : typeof outcome.error)
  return outcome
}

function settlementOf(outcome: Outcome, claimed: Claimed, nowMs: number, context: LaneContext): Settlement {
  if (outcome.kind === 'sent') return { kind: 'sent' }
  const { settings, closing, random } = context
  const { minRetryMs, maxRetryMs, maxAgeMs } = settings.sending
  const error = describeError(outcome.error)
  if (outcome.kind === 'refused' || nowMs - claimed.createdAt >= maxAgeMs) return { kind: 'dead', error }
  // Whoever else is there may have it at once.
  if (closing.aborted) return { kind: 'retry', atMs: nowMs, error }
  const waitMs = Math.max(jitter(claimed.attempts, minRetryMs, maxRetryMs, random), outcome.afterMs ?? 0)
  return { kind: 'retry', atMs: nowMs + Math.min(waitMs, maxAgeMs), error }
}

/** Writes down what became of it, again and again until the claim ends: else it would be sent a second time. */
async function write(claimed: Claimed, settlement: Settlement, context: LaneContext): Promise<void> {
  const { store, settings, time, guard, closing } = context
  const pauseMs = 500
  for (;;) {
    try {
      const { storeTimeoutMs } = settings.limits
      return await within(store.settle(claimed, settlement, time.now()), storeTimeoutMs, time, 'the store')
    } catch (error) {
      guard.report({ hook: 'store', name: claimed.notifier, error })
      if (closing.aborted || time.now() + pauseMs >= claimed.leasedUntil) return
      await new Promise<void>((resolve) => void time.timer(resolve, pauseMs))
    }
  }
}
