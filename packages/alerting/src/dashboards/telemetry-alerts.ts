import { alertmanagerCatalogue, prometheusCatalogue, receiverCatalogue } from '../catalogues/index.ts'
import { count, max, min, sum } from '../promql/aggregate.ts'
import { selectFrom } from '../promql/select.ts'
import { perSecond } from './expressions.ts'
import type { RowSpec } from './spec.ts'

const prometheus = selectFrom(prometheusCatalogue)
const alertmanager = selectFrom(alertmanagerCatalogue)
const receiver = selectFrom(receiverCatalogue)

/** Prometheus, Alertmanager and the receiver are jobs of their own: the variables say nothing about them. */
export const delivery: RowSpec = {
  title: 'Alerts on their way',
  lines: [
    [
      {
        title: 'Alerts firing',
        description: 'Alerts that fire now, by severity. None is normal.',
        unit: 'short',
        queries: [
          { expr: count(prometheus('ALERTS', { alertstate: 'firing' }), { by: ['severity'] }), legend: '{{severity}}' },
        ],
      },
      {
        title: 'Lost before Alertmanager',
        description:
          'Alerts a second that Prometheus could not deliver, and rules that could not be evaluated. 0 is normal; else nobody is told of anything.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(prometheus('prometheus_notifications_dropped_total'), ['instance']),
            legend: 'dropped by {{instance}}',
          },
          {
            expr: perSecond(prometheus('prometheus_rule_evaluation_failures_total'), ['instance']),
            legend: 'not evaluated by {{instance}}',
          },
        ],
        limits: { critical: 0.001 },
      },
      {
        title: 'Notifications of Alertmanager',
        description:
          'Attempts a second, and those that failed. Failures of one integration: its other side is down; Alertmanager tries again.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(alertmanager('alertmanager_notifications_total'), ['integration']),
            legend: '{{integration}}',
          },
          {
            expr: perSecond(alertmanager('alertmanager_notifications_failed_total'), ['integration']),
            legend: '{{integration}} failed',
          },
        ],
      },
      {
        title: 'Members of the cluster',
        description: 'Members that each Alertmanager sees. It is the number of replicas, or alerts may be sent twice.',
        unit: 'short',
        queries: [
          { expr: min(alertmanager('alertmanager_cluster_members'), { by: ['instance'] }), legend: '{{instance}}' },
        ],
      },
    ],
    [
      {
        title: 'Alerts received',
        description:
          'Alerts a second at the receiver, by what was made of them. Duplicates are normal: Alertmanager repeats itself.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(receiver('honoscope_alerts_received_total'), ['status', 'result']),
            legend: '{{status}} {{result}}',
          },
        ],
      },
      {
        title: 'Notifications of the receiver',
        description:
          'Attempts a second by notifier. "retry" means that its other side is down; "dead" that it refused for good, and somebody was not told.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(receiver('honoscope_alert_notifications_total'), ['notifier', 'result']),
            legend: '{{notifier}} {{result}}',
          },
        ],
      },
      {
        title: 'Messages that wait, and dead letters',
        description:
          'Messages that are not sent yet, and those that were given up. 0 is normal; a dead letter is to be read and revived or removed.',
        unit: 'short',
        queries: [
          { expr: max(receiver('honoscope_alert_notifications_waiting')), legend: 'waiting' },
          { expr: max(receiver('honoscope_alert_dead_letters')), legend: 'dead letters' },
        ],
        limits: { warning: 1 },
      },
      {
        title: 'Remediations',
        description:
          'Remediations a second by what became of them. "unknown" means that the process ended while one ran: look what it has done.',
        unit: 'ops',
        queries: [
          {
            expr: sum(perSecond(receiver('honoscope_alert_remediations_total'), ['remediation', 'result']), {
              by: ['remediation', 'result'],
            }),
            legend: '{{remediation}} {{result}}',
          },
        ],
      },
    ],
  ],
}
