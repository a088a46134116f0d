import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { sum } from '../promql/aggregate.ts'
import { increase, rate } from '../promql/functions.ts'
import { gt } from '../promql/operators.ts'
import { defineRules } from './define-rules.ts'
import { toPrometheusRule } from './write-operator.ts'
import { toPrometheus } from './write-prometheus.ts'

const catalogue = { orders_failed_total: { type: 'counter', help: 'Orders that failed.', labels: {} } } as const
const rules = defineRules(catalogue, ({ metric, alert, record, group }) => {
  const failures = record('job:orders_failed:rate5m', sum(rate(metric('orders_failed_total'), '5m'), { by: ['job'] }))
  return [
    group('orders', [
      failures,
      alert('OrdersFail', {
        expr: gt(failures.series, 1),
        for: '2m',
        keepFiringFor: '10m',
        severity: 'critical',
        component: 'orders',
        summary: 'Orders fail: {{ $labels.job }}',
        description: `{{ $value | humanize }} orders a second fail, and who ordered gets an error page. ${'They try again. '.repeat(6)}`,
        labels: { team: 'shop' },
      }),
    ]),
    group(
      'orders.slow',
      [
        alert('OrdersFailed', {
          expr: gt(sum(increase(metric('orders_failed_total'), '1h')), 0),
          severity: 'info',
          component: 'orders',
          summary: 'Orders have failed',
          description: 'Some.',
          runbook: 'OrdersFail',
        }),
      ],
      { interval: '1m' },
    ),
  ]
})

describe('a rule file', () => {
  it('is what Prometheus reads and a person does, too', () => {
    const text = toPrometheus(rules, {
      runbookUrl: 'https://example.com/runbook.md',
      comment: 'Made by a test.\n\nNot by hand.',
    })
    expect(text).toMatchInlineSnapshot(`
      "# Made by a test.
      #
      # Not by hand.
      groups:
        - name: orders
          rules:
            - record: job:orders_failed:rate5m
              expr: sum by (job) (rate(orders_failed_total[5m]))
            - alert: OrdersFail
              expr: job:orders_failed:rate5m > 1
              for: 2m
              keep_firing_for: 10m
              labels:
                severity: critical
                component: orders
                team: shop
              annotations:
                summary: "Orders fail: {{ $labels.job }}"
                description: "{{ $value | humanize }} orders a second fail, and who ordered gets an error page. They try again. They try again. They try again. They try again. They try again. They try again. "
                runbook_url: https://example.com/runbook.md#ordersfail
        - name: orders.slow
          interval: 1m
          rules:
            - alert: OrdersFailed
              expr: sum(increase(orders_failed_total[1h])) > 0
              labels:
                severity: info
                component: orders
              annotations:
                summary: Orders have failed
                description: Some.
                runbook_url: https://example.com/runbook.md#ordersfail
      "
    `)
  })
  it('links no runbook that it was not told of', () => {
    expect(toPrometheus(rules)).not.toContain('runbook_url')
  })
  it.each(['runbook.md', 'ftp://example.com/x', 'https://example.com/runbook.md#x'])(
    'refuses %s as the address of a runbook',
    (runbookUrl) => {
      expect(() => toPrometheus(rules, { runbookUrl })).toThrow(/^runbookUrl: /)
    },
  )
})

describe('a PrometheusRule', () => {
  it('has the groups of the rule file', () => {
    const manifest = parse(toPrometheusRule(rules, { name: 'orders', namespace: 'shop', labels: { release: 'x' } }))
    expect(manifest).toEqual({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'orders', namespace: 'shop', labels: { release: 'x' } },
      spec: parse(toPrometheus(rules)),
    })
    expect(parse(toPrometheusRule(rules, { name: 'orders' })).metadata).toEqual({ name: 'orders' })
  })
  it('refuses names that Kubernetes does', () => {
    for (const name of ['', 'Orders', 'orders_', '-orders', 'x'.repeat(254)]) {
      expect(() => toPrometheusRule(rules, { name })).toThrow('toPrometheusRule: name')
    }
    expect(() => toPrometheusRule(rules, { name: 'orders', namespace: 'A' })).toThrow('toPrometheusRule: namespace')
  })
})
