/** What the alert receiver of this package exports; a test holds it against the receiver itself. */
export const receiverCatalogue = {
  honoscope_alerts_received_total: {
    type: 'counter',
    help: 'Alerts in deliveries of Alertmanager, by what was made of them.',
    labels: { status: 'open', result: 'open' },
  },
  honoscope_alert_notifications_total: {
    type: 'counter',
    help: 'Attempts to notify.',
    labels: { notifier: 'open', result: ['sent', 'retry', 'dead'] },
  },
  honoscope_alert_notifications_waiting: { type: 'gauge', help: 'Messages that wait to be sent.', labels: {} },
  honoscope_alert_dead_letters: { type: 'gauge', help: 'Messages that were given up.', labels: {} },
  honoscope_alert_oldest_waiting_seconds: {
    type: 'gauge',
    help: 'How long the oldest message has waited.',
    labels: {},
  },
  honoscope_alert_remediations_total: {
    type: 'counter',
    help: 'Remediations, by what became of them.',
    labels: { remediation: 'open', result: 'open' },
  },
} as const
