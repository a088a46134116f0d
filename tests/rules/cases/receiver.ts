import type { RuleCase } from '../case.ts'
import { rising, targetCases } from './shared.ts'

const ofReceiver = (severity: string, more: Readonly<Record<string, string>> = {}) => ({
  severity,
  component: 'alerting',
  job: 'alert-receiver',
  ...more,
})
const at = 'job="alert-receiver",instance="a:1"'
const attempts = (result: string) => `honoscope_alert_notifications_total{${at},notifier="slack",result="${result}"}`
const received = (result: string) => `honoscope_alerts_received_total{${at},status="firing",result="${result}"}`
const remediations = (result: string) =>
  `honoscope_alert_remediations_total{${at},remediation="restart",result="${result}"}`

/** Cases of the bundle `receiver`. */
export const receiverCases: readonly RuleCase[] = [
  ...targetCases('alert-receiver', 'alert-receiver', 'alerting'),
  {
    alert: 'AlertDeadLetters',
    firing: {
      series: { [`honoscope_alert_dead_letters{${at}}`]: '2x20' },
      labels: ofReceiver('critical', { instance: 'a:1' }),
      value: '2',
    },
    silent: [{ series: { [`honoscope_alert_dead_letters{${at}}`]: '0x20' } }],
  },
  {
    alert: 'AlertsWaitTooLong',
    firing: {
      series: { [`honoscope_alert_oldest_waiting_seconds{${at}}`]: '400x20' },
      labels: ofReceiver('critical', { instance: 'a:1' }),
      value: '6m 40s',
    },
    silent: [{ series: { [`honoscope_alert_oldest_waiting_seconds{${at}}`]: '300x20' } }],
  },
  {
    alert: 'AlertNotifierFailing',
    firing: {
      series: { [attempts('retry')]: rising(60) },
      labels: ofReceiver('warning', { notifier: 'slack' }),
      value: '1',
    },
    silent: [{ series: { [attempts('retry')]: '0x3 7x17', [attempts('sent')]: rising(60) } }],
  },
  {
    alert: 'AlertsLeftOut',
    firing: {
      series: { [received('truncated')]: '0+2x20' },
      labels: ofReceiver('warning'),
      value: '30',
    },
    silent: [{ series: { [received('truncated')]: '40x20', [received('new')]: rising(60) } }],
  },
  {
    alert: 'RemediationFailing',
    firing: {
      series: { [remediations('failed')]: '0+1x20' },
      labels: ofReceiver('warning', { remediation: 'restart' }),
      value: '15',
    },
    silent: [{ series: { [remediations('failed')]: '3x20' } }],
  },
  {
    alert: 'AlertmanagerNotificationsFailing',
    firing: {
      series: {
        'alertmanager_notifications_failed_total{job="alertmanager",instance="a:9093",integration="webhook",reason="other"}':
          rising(60),
      },
      labels: {
        severity: 'critical',
        component: 'alerting',
        job: 'alertmanager',
        instance: 'a:9093',
        integration: 'webhook',
      },
      value: '1',
    },
    silent: [
      {
        series: {
          'alertmanager_notifications_failed_total{job="alertmanager",instance="a:9093",integration="webhook"}': '7x20',
        },
      },
    ],
  },
  {
    alert: 'AlertsDropped',
    firing: {
      series: { 'prometheus_notifications_dropped_total{job="prometheus",instance="p:9090"}': rising(60) },
      labels: { severity: 'critical', component: 'alerting', job: 'prometheus', instance: 'p:9090' },
      value: '1',
    },
    silent: [{ series: { 'prometheus_notifications_dropped_total{job="prometheus",instance="p:9090"}': '7x20' } }],
  },
]
