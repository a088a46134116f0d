import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { checkNotifiers, checkRemediations } from './check-parts.ts'
import { createGuard } from './guard.ts'
import type { AlertWebhookOptions } from './options.ts'
import { planWith } from './plan.ts'
import { createRouter } from './route.ts'
import { settle } from './settings.ts'
import { memoryStore } from './store/memory.ts'
import { receiverMetrics } from './telemetry/metrics.ts'
import { createSpans } from './telemetry/spans.ts'
import { systemTime } from './time.ts'
import { adminRoutes } from './webhook/admin.ts'
import { authenticate } from './webhook/auth.ts'
import { deliveries } from './webhook/deliveries.ts'
import { gate } from './webhook/gate.ts'
import { startWorker } from './worker/worker.ts'

/** A Hono app with the routes of the receiver, and its worker. */
export type AlertWebhook = Hono & {
  /**
   * Takes no more deliveries (503), waits for the messages and remediations under way, at most `sending.drainMs` and a
   * second, and resolves. What waits stays in the store. Twice is once; it never rejects.
   */
  close(): Promise<void>
}

/**
 * Returns the receiver: a Hono app whose `POST /` takes Alertmanager's webhook, and which tells the notifiers from now
 * on, also what an earlier process left in the store. `GET /status`, `GET /dead-letters`,
 * `POST /dead-letters/:id/revive` and `GET /remediations` are for the one on call. All of them ask for `auth`.
 *
 * @throws TypeError that names the option which is wrong: no `auth`, a route to a notifier that is not there, an alert
 * that could match no route, a remediation for any alert, a number out of range, a metric that the catalogue has already.
 * @example
 * ```ts
 * import { alertWebhook, type Notifier } from '@honoscope/alerting/receiver'
 * import { Hono } from 'hono'
 *
 * declare const pager: Notifier
 * declare const chat: Notifier
 *
 * const receiver = alertWebhook({
 *   auth: 'the-token-that-alertmanager-sends',
 *   notifiers: { pager, chat },
 *   routes: [{ match: { severity: 'critical' }, notifiers: ['pager', 'chat'] }, { notifiers: ['chat'] }],
 * })
 * const app = new Hono().route('/alerts', receiver)
 * await receiver.close()
 * ```
 */
export function alertWebhook<const Name extends string>(options: AlertWebhookOptions<Name>): AlertWebhook {
  const settings = settle(options)
  const { notifiers, remediations = {}, store = memoryStore(), time = systemTime, random = Math.random } = options
  const auth = authenticate(options.auth)
  const names = Object.keys(notifiers)
  checkNotifiers(notifiers)
  checkRemediations(remediations, settings.retentionMs)
  const route = createRouter(options.routes, names)
  const guard = createGuard(options.onFault)
  const metrics = receiverMetrics({
    ...{ catalogue: options.metrics, guard, notifiers: names, remediations: Object.keys(remediations) },
    ...{ backlog: () => store.backlog(), now: time.now },
  })
  const spans = createSpans(options.tracer, guard)
  const { alertsPerMessage } = settings.sending
  const plan = planWith({ route, remediations, alertsPerMessage, newId: randomUUID })
  const worker = startWorker(notifiers, remediations, { store, settings, metrics, spans, guard, time, random })

  const app = new Hono()
  let closing = false
  const { bodyBytes, deliveries: atOnce, storeTimeoutMs } = settings.limits
  const passed = gate({ auth, metrics, bodyBytes, deliveries: atOnce, closing: () => closing })
  const { wake } = worker
  const take = deliveries({ store, plan, settings, metrics, spans, guard, time, newId: randomUUID, wake })
  app.on('POST', ['/'], ...passed, take)
  adminRoutes(app, { auth, store, guard, time, storeTimeoutMs, wake, notifiers: worker.status })
  return Object.assign(app, {
    close() {
      closing = true
      return worker.close()
    },
  })
}
