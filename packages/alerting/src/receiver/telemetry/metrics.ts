import type { Catalogue } from '@honoscope/core'
import type { AlertStatus } from '../alert.ts'
import type { Guard } from '../guard.ts'
import type { Backlog, RemediationResult } from '../store/store.ts'

/** What the receiver counts. Nothing here throws. */
export interface ReceiverMetrics {
  /** `truncated`: Alertmanager left them out of the delivery. */
  received(status: AlertStatus, result: 'new' | 'duplicate' | 'stale' | 'truncated', count: number): void
  delivery(result: DeliveryResult): void
  notified(notifier: string, result: 'sent' | 'retry' | 'dead'): void
  attempted(notifier: string, durationMs: number): void
  remediated(remediation: string, result: RemediationResult): void
}

/** How a delivery was answered. */
export type DeliveryResult = (typeof deliveryResults)[number]

const deliveryResults = ['accepted', 'invalid', 'unauthorized', 'too_large', 'unsupported', 'unavailable'] as const
const remediationResults = ['done', 'dry_run', 'failed', 'limited', 'refused', 'expired', 'unknown'] as const

/** @see receiverMetrics */
export interface MetricsOptions {
  readonly catalogue: Catalogue | undefined
  readonly guard: Guard
  readonly notifiers: readonly string[]
  readonly remediations: readonly string[]
  readonly backlog: () => Promise<Backlog>
  /** Unix milliseconds. */
  readonly now: () => number
}

const prefix = 'honoscope_'

/** Returns the metrics, made in the catalogue. Throws a `TypeError` when it has metrics of such a name already. */
export function receiverMetrics(options: MetricsOptions): ReceiverMetrics {
  const { catalogue, guard, notifiers, remediations } = options
  if (catalogue === undefined) return silent
  const deliveries = catalogue.counter({
    ...{
      prefix,
      name: 'alert_deliveries_total',
      help: "Deliveries of Alertmanager's webhook, by how they were answered.",
    },
    labels: { result: deliveryResults },
  })
  const received = catalogue.counter({
    ...{ prefix, name: 'alerts_received_total', help: 'Alerts of accepted deliveries, by what they meant.' },
    labels: { status: ['firing', 'resolved'], result: ['new', 'duplicate', 'stale', 'truncated'] },
  })
  const notifications = catalogue.counter({
    ...{ prefix, name: 'alert_notifications_total', help: 'Attempts to send a message, by what became of it.' },
    labels: { notifier: notifiers, result: ['sent', 'retry', 'dead'] },
  })
  const duration = catalogue.histogram({
    ...{ prefix, name: 'alert_notification_duration_seconds', help: 'Time that an attempt to send a message took.' },
    labels: { notifier: notifiers },
  })
  // A label needs values: without remediations there is nothing to count.
  const remediated =
    remediations.length === 0
      ? undefined
      : catalogue.counter({
          ...{ prefix, name: 'alert_remediations_total', help: 'Remediations, by how they ended or why not.' },
          labels: { remediation: remediations, result: remediationResults },
        })
  backlogGauges(catalogue, options)
  const record = (step: () => void): void => void guard.run('metrics', step)
  return {
    delivery: (result) => record(() => deliveries.inc({ result })),
    received: (status, result, count) => record(() => received.inc({ status, result }, count)),
    notified: (notifier, result) => record(() => notifications.inc({ notifier, result })),
    attempted: (notifier, durationMs) => record(() => duration.observe({ notifier }, durationMs / 1000)),
    remediated: (remediation, result) => record(() => remediated?.inc({ remediation, result })),
  }
}

/** Three gauges of one question to the store. While it can't be asked, the scrape is without them. */
function backlogGauges(catalogue: Catalogue, { backlog, now }: MetricsOptions): void {
  let asked: Promise<Backlog> | undefined
  const ask = (): Promise<Backlog> => {
    // The gauges of a scrape are collected one right after another: they share a question.
    asked ??= backlog().finally(() => {
      asked = undefined
    })
    return asked
  }
  const gauge = (name: string, help: string, value: (backlog: Backlog) => number): void => {
    catalogue.gauge({ prefix, name, help, collect: async (gauge) => gauge.set(value(await ask())) })
  }
  gauge('alert_notifications_waiting', 'Messages that wait for their notifier.', ({ waiting }) => waiting)
  gauge('alert_dead_letters', 'Messages that their notifier did not take.', ({ dead }) => dead)
  gauge('alert_oldest_waiting_seconds', 'For how long the oldest message waits, 0 when none does.', ({ oldestAt }) =>
    oldestAt === undefined ? 0 : Math.max(0, now() - oldestAt) / 1000,
  )
}

const nothing = (): void => {}
const silent: ReceiverMetrics = {
  ...{ received: nothing, delivery: nothing, notified: nothing, attempted: nothing, remediated: nothing },
}
