/** Who is told of what: by severity, and by what is configured. */
import type { Route } from '@honoscope/alerting/receiver'

/** Names of the notifiers that there can be. */
export type NotifierName = 'slack' | 'pagerduty' | 'email' | 'webhook' | 'ticket'

/** `critical` pages, `warning` does not, `info` is to be looked at some day. */
const wanted: Readonly<Record<string, readonly NotifierName[]>> = {
  critical: ['pagerduty', 'slack', 'email', 'webhook'],
  warning: ['slack', 'email', 'webhook', 'ticket'],
  info: ['ticket', 'webhook'],
}

/**
 * Returns the routes for the notifiers that are configured. Where a severity has none of its own, all are told: an alert
 * is never told to nobody. So it is with an alert whose severity nobody knows.
 */
export function routesFor(configured: readonly string[]): readonly Route[] {
  const routes = Object.entries(wanted).map(([severity, names]) => {
    const there = names.filter((name) => configured.includes(name))
    return { match: { severity }, notifiers: there.length > 0 ? there : configured }
  })
  // Prometheus' dead man's switch fires always: only a webhook may wait for it to fall silent.
  const heartbeat = { match: { alertname: 'Watchdog' }, notifiers: configured.filter((name) => name === 'webhook') }
  return [heartbeat, ...routes, { notifiers: configured }]
}
