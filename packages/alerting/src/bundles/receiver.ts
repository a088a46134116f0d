import { combineCatalogues } from '../catalogue/combine.ts'
import { alertmanagerCatalogue, prometheusCatalogue } from '../catalogues/external/prometheus.ts'
import { receiverCatalogue } from '../catalogues/external/receiver.ts'
import { sum } from '../promql/aggregate.ts'
import { increase, rate } from '../promql/functions.ts'
import { gt } from '../promql/operators.ts'
import { defineRules, type RuleTools } from '../rules/define-rules.ts'
import type { AlertRule } from '../rules/rule.ts'
import type { Bundle } from './bundle.ts'
import { targetAlerts } from './targets.ts'

const catalogue = combineCatalogues(receiverCatalogue, alertmanagerCatalogue, prometheusCatalogue)
const component = 'alerting'

/** The way of an alert, from Prometheus to who is told. Its alerts have to go another way than through the receiver. */
export const receiver: Bundle = {
  name: 'receiver',
  description: 'The alert receiver and what is before it: alerts that nobody is told of.',
  catalogue,
  rules: defineRules(catalogue, (tools) => [
    tools.group(
      'receiver-targets',
      targetAlerts({
        job: 'alert-receiver',
        app: 'alert-receiver',
        component,
        withoutAny: 'Nobody is told of any alert until it is back; Alertmanager tries again meanwhile.',
      }),
    ),
    tools.group('receiver', [...messageAlerts(tools), ...failureAlerts(tools)]),
    tools.group('receiver-upstream', upstreamAlerts(tools)),
  ]),
}

function messageAlerts({ metric, alert }: RuleTools<typeof catalogue>): readonly AlertRule[] {
  return [
    alert('AlertDeadLetters', {
      expr: gt(metric('honoscope_alert_dead_letters'), 0),
      for: '1m',
      severity: 'critical',
      component,
      summary: 'Alerts were given up',
      description:
        '{{ $value | humanize }} messages could not be delivered and will not be tried again: nobody was told.',
    }),
    alert('AlertsWaitTooLong', {
      expr: gt(metric('honoscope_alert_oldest_waiting_seconds'), 300),
      for: '1m',
      severity: 'critical',
      component,
      summary: 'Alerts wait to be told',
      description: 'The oldest message has waited for {{ $value | humanizeDuration }}; nobody has been told of it yet.',
    }),
  ]
}

function failureAlerts({ metric, alert }: RuleTools<typeof catalogue>): readonly AlertRule[] {
  const retries = rate(metric('honoscope_alert_notifications_total', { result: 'retry' }), '5m')
  return [
    alert('AlertNotifierFailing', {
      expr: gt(sum(retries, { by: ['job', 'notifier'] }), 0),
      for: '10m',
      severity: 'warning',
      component,
      summary: 'The notifier {{ $labels.notifier }} fails',
      description: '{{ $value | humanize }} attempts a second have to be repeated. Alerts come late, if they come.',
    }),
    alert('AlertsLeftOut', {
      expr: gt(
        sum(increase(metric('honoscope_alerts_received_total', { result: 'truncated' }), '15m'), { by: ['job'] }),
        0,
      ),
      severity: 'warning',
      component,
      summary: 'Alertmanager leaves alerts out',
      description:
        'About {{ $value | humanize }} alerts in 15 minutes were beyond max_alerts of their group: nobody is told of ' +
        'them, only of the others.',
    }),
    alert('RemediationFailing', {
      expr: gt(
        sum(increase(metric('honoscope_alert_remediations_total', { result: 'failed' }), '15m'), {
          by: ['job', 'remediation'],
        }),
        0,
      ),
      severity: 'warning',
      component,
      summary: 'The remediation {{ $labels.remediation }} failed',
      description: 'About {{ $value | humanize }} times in 15 minutes. What it should have mended is as it was.',
    }),
  ]
}

function upstreamAlerts({ metric, alert }: RuleTools<typeof catalogue>): readonly AlertRule[] {
  const failed = rate(metric('alertmanager_notifications_failed_total'), '5m')
  return [
    alert('AlertmanagerNotificationsFailing', {
      expr: gt(sum(failed, { by: ['job', 'instance', 'integration'] }), 0),
      for: '5m',
      severity: 'critical',
      component,
      summary: 'Alertmanager {{ $labels.instance }} cannot notify ({{ $labels.integration }})',
      description: '{{ $value | humanize }} notifications a second fail. Nobody is told of the alerts in them.',
    }),
    alert('AlertsDropped', {
      expr: gt(sum(rate(metric('prometheus_notifications_dropped_total'), '5m'), { by: ['job', 'instance'] }), 0),
      for: '5m',
      severity: 'critical',
      component,
      summary: 'Prometheus {{ $labels.instance }} drops alerts',
      description: '{{ $value | humanize }} alerts a second never reach an Alertmanager. Nobody is told of them.',
    }),
  ]
}
