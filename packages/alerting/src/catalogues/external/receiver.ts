/** What the alert receiver of this package exports; a test holds it against the receiver itself. */
export const receiverCatalogue = {
  honoscope_alert_deliveries_total: {
    type: 'counter',
    help: "Deliveries of Alertmanager's webhook, by how they were answered.",
    labels: { result: ['accepted', 'invalid', 'unauthorized', 'too_large', 'unsupported', 'unavailable'] },
  },
  honoscope_alerts_received_total: {
    type: 'counter',
    help: 'Alerts of accepted deliveries, by what they meant.',
    labels: { status: ['firing', 'resolved'], result: ['new', 'duplicate', 'stale', 'truncated'] },
  },
  honoscope_alert_notifications_total: {
    type: 'counter',
    help: 'Attempts to send a message, by what became of it.',
    labels: { notifier: 'open', result: ['sent', 'retry', 'dead'] },
  },
  honoscope_alert_notification_duration_seconds: {
    type: 'histogram',
    help: 'Time that an attempt to send a message took.',
    labels: { notifier: 'open' },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  honoscope_alert_notifications_waiting: {
    type: 'gauge',
    help: 'Messages that wait for their notifier.',
    labels: {},
  },
  honoscope_alert_dead_letters: { type: 'gauge', help: 'Messages that their notifier did not take.', labels: {} },
  honoscope_alert_oldest_waiting_seconds: {
    type: 'gauge',
    help: 'For how long the oldest message waits, 0 when none does.',
    labels: {},
  },
  honoscope_alert_remediations_total: {
    type: 'counter',
    help: 'Remediations, by how they ended or why not.',
    labels: {
      remediation: 'open',
      result: ['done', 'dry_run', 'failed', 'limited', 'refused', 'expired', 'unknown'],
    },
  },
} as const
