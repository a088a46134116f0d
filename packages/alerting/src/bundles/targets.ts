import { prometheusCatalogue } from '../catalogues/external/prometheus.ts'
import { sum } from '../promql/aggregate.ts'
import { vector } from '../promql/functions.ts'
import { eq, or } from '../promql/operators.ts'
import { selectFrom } from '../promql/select.ts'
import type { AlertRule } from '../rules/rule.ts'

/** What is scraped. */
export interface Targets {
  /** Job of the scrape configuration; under Prometheus Operator the name of the Service. */
  readonly job: string
  /** What the job is, for people and for alerts of several bundles to be told apart: the label `app`. */
  readonly app: string
  readonly component: string
  /** What users notice while no target answers. */
  readonly withoutAny: string
}

/**
 * Returns two alerts: that one target does not answer, and that none does, be it that all are down or that Prometheus
 * knows of none. Rules about a process are silent when there is no process, so each bundle has these.
 */
export function targetAlerts({ job, app, component, withoutAny }: Targets): readonly AlertRule[] {
  const metric = selectFrom(prometheusCatalogue)
  const labels = { app }
  return [
    {
      kind: 'alert',
      name: 'PodDown',
      expr: eq(metric('up', { job }), 0),
      for: '2m',
      severity: 'warning',
      component,
      summary: `${app}: {{ $labels.instance }} does not answer`,
      description:
        `Prometheus has not been able to scrape {{ $labels.instance }} of ${app} for 2 minutes. Users notice nothing ` +
        'as long as others answer in its place, but there is less to fall back on, and alerts about it are silent.',
      labels,
    },
    {
      kind: 'alert',
      name: 'ServiceDown',
      // `or vector(0)`: a job that is gone from the configuration is as down as one whose targets all are.
      expr: eq(or(sum(metric('up', { job })), vector(0)), 0),
      for: '1m',
      severity: 'critical',
      component,
      summary: `${app}: nothing answers`,
      description: `No target of the job ${job} answers, or Prometheus knows of none. ${withoutAny}`,
      labels,
    },
  ]
}
