/**
 * What Prometheus (2.42 to 3) adds to each scrape by itself and tells of itself, and what Alertmanager (0.25 to 0.28)
 * tells; as far as rules and dashboards name it.
 */
export const prometheusCatalogue = {
  up: { type: 'gauge', help: '1 when the last scrape of the target came through, else 0.', labels: {} },
  scrape_duration_seconds: { type: 'gauge', help: 'Duration of the scrape.', labels: {} },
  scrape_samples_scraped: { type: 'gauge', help: 'Samples that the target exposed.', labels: {} },
  scrape_samples_post_metric_relabeling: {
    type: 'gauge',
    help: 'Samples that were left after metric relabeling.',
    labels: {},
  },
  scrape_series_added: { type: 'gauge', help: 'New series of the scrape, about.', labels: {} },
  ALERTS: {
    type: 'gauge',
    help: '1 while an alert is pending or firing; it has the labels of the alert, too.',
    labels: { alertname: 'open', alertstate: ['pending', 'firing'], severity: 'open', component: 'open', app: 'open' },
  },
  prometheus_notifications_dropped_total: {
    type: 'counter',
    help: 'Alerts that were dropped on their way to Alertmanager.',
    // From Prometheus 3.10 on there is one for each Alertmanager.
    labels: { alertmanager: 'open' },
  },
  prometheus_notifications_alertmanagers_discovered: {
    type: 'gauge',
    help: 'Alertmanagers that are discovered and active.',
    labels: {},
  },
  prometheus_config_last_reload_successful: {
    type: 'gauge',
    help: 'Whether the last configuration reload attempt was successful.',
    labels: {},
  },
  prometheus_rule_evaluation_failures_total: {
    type: 'counter',
    help: 'Rule evaluations that failed.',
    labels: { rule_group: 'open' },
  },
} as const

/** @see prometheusCatalogue */
export const alertmanagerCatalogue = {
  alertmanager_alerts: {
    type: 'gauge',
    help: 'Alerts by state.',
    labels: { state: ['active', 'suppressed', 'unprocessed'] },
  },
  alertmanager_notifications_total: {
    type: 'counter',
    help: 'Attempted notifications.',
    labels: { integration: 'open', receiver_name: 'open' },
  },
  alertmanager_notifications_failed_total: {
    type: 'counter',
    help: 'Failed notifications.',
    // `reason` from 0.26 on, `receiver_name` from 0.28 on behind a feature flag.
    labels: { integration: 'open', reason: 'open', receiver_name: 'open' },
  },
  alertmanager_config_last_reload_successful: {
    type: 'gauge',
    help: 'Whether the last configuration reload attempt was successful.',
    labels: {},
  },
  alertmanager_cluster_members: {
    type: 'gauge',
    help: 'Current number of members in the cluster; absent in one that is not clustered.',
    labels: {},
  },
} as const
