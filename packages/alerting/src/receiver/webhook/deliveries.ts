import type { Context, Handler } from 'hono'
import type { Delivery } from '../alert.ts'
import { type AskStore, askStore } from '../ask-store.ts'
import type { Guard } from '../guard.ts'
import { judgeWith } from '../judge.ts'
import type { Planner } from '../plan.ts'
import type { Settings } from '../settings.ts'
import type { AlertStore, Received } from '../store/store.ts'
import type { ReceiverMetrics } from '../telemetry/metrics.ts'
import type { ReceiverSpan, Spans } from '../telemetry/spans.ts'
import type { Time } from '../time.ts'
import { InvalidDeliveryError } from './fields.ts'
import { parseDelivery } from './parse-delivery.ts'
import { comeAgain, problem } from './problem.ts'

/** @see deliveries */
export interface DeliveryOptions {
  readonly store: AlertStore
  readonly plan: Planner
  readonly settings: Settings
  readonly metrics: ReceiverMetrics
  readonly spans: Spans
  readonly guard: Guard
  readonly time: Time
  readonly newId: () => string
  /** Called when there is something to tell or to do. */
  readonly wake: () => void
}

/** Returns the handler of a delivery that may pass. It answers 200 when everything is written down, and not before. */
export function deliveries(options: DeliveryOptions): Handler {
  const { settings, spans, guard, metrics, time } = options
  const ask = askStore({ open: settings.limits.deliveries, limitMs: settings.limits.storeTimeoutMs, time })
  return async (c) => {
    const delivery = await read(c, settings.limits.alerts)
    if (delivery instanceof Response) return delivery
    try {
      const received = await spans.run('alert.delivery', {}, (span) => take(delivery, span, ask, options))
      return c.json(tally(received, metrics, delivery))
    } catch (error) {
      guard.report({ hook: 'store', error })
      return comeAgain('The alerts could not be written down.')
    }
  }
}

/** Apart from the store, whose errors may be of any class and never are the sender's fault. */
async function read(c: Context, maxAlerts: number): Promise<Delivery | Response> {
  try {
    return parseDelivery(await c.req.json(), maxAlerts)
  } catch (error) {
    return problem(400, error instanceof InvalidDeliveryError ? error.message : 'The body must be JSON.')
  }
}

async function take(
  delivery: Delivery,
  span: ReceiverSpan,
  ask: AskStore,
  { store, plan, settings, time, newId, wake }: DeliveryOptions,
): Promise<Received> {
  const nowMs = time.now()
  const judge = judgeWith({ nowMs, lateMs: settings.lateMs, newId })
  // What is written after the answer is told all the same; Alertmanager's next delivery of it is a duplicate.
  const received = await ask(
    () => store.receive(delivery.alerts, judge, (changes) => plan(changes, delivery, span.trace), nowMs),
    wake,
  )
  span.set('honoscope.alerts', delivery.alerts.length)
  span.set('honoscope.alerts.new', received.changes.length)
  if (received.changes.length > 0) wake()
  return received
}

function tally({ verdicts }: Received, metrics: ReceiverMetrics, delivery: Delivery) {
  const answer = { new: 0, duplicate: 0, stale: 0 }
  for (const [index, verdict] of verdicts.entries()) {
    answer[verdict]++
    metrics.received(delivery.alerts[index]?.status ?? 'firing', verdict, 1)
  }
  if (delivery.truncatedAlerts > 0) metrics.received('firing', 'truncated', delivery.truncatedAlerts)
  return answer
}
