import type { MetricCatalogue } from '../catalogue/description.ts'
import { prefixed } from '../catalogues/prefixed.ts'
import { type Matcher, matching, type Select, selectFrom } from '../promql/select.ts'

/** Series that Prometheus itself makes: of each scrape, and of each alert. */
export const scrapeCatalogue = {
  ALERTS: {
    type: 'gauge',
    help: 'Always 1, while the alert is pending or firing.',
    labels: {
      alertname: 'open',
      alertstate: ['pending', 'firing'],
      component: 'open',
      severity: ['critical', 'warning', 'info'],
    },
  },
  scrape_duration_seconds: { type: 'gauge', help: 'How long the scrape took.', labels: {} },
  scrape_samples_scraped: { type: 'gauge', help: 'Samples that the target exposed.', labels: {} },
  up: { type: 'gauge', help: '1 when the scrape succeeded, else 0.', labels: {} },
} as const

/** The targets that the dashboard's variables choose. */
export const chosen: { readonly job: Matcher; readonly instance: Matcher } = {
  job: matching('$job'),
  instance: matching('$instance'),
}

/** Returns what selects series of the catalogue by their names without the prefix. */
export function selectPrefixed<C extends MetricCatalogue>(prefix: string, catalogue: C): Select<C> {
  const select = selectFrom(prefixed(prefix, catalogue) as MetricCatalogue)
  return ((name: string, where?: object) => select(`${prefix}${name}`, where)) as unknown as Select<C>
}
