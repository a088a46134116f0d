import { describe, expect, it } from 'vitest'
import { tokmeshCatalogue } from '../catalogues/index.ts'
import { sum } from '../promql/aggregate.ts'
import type { Expression } from '../promql/expression.ts'
import { histogramQuantile, increase, rate } from '../promql/functions.ts'
import { div, gt, or, times } from '../promql/operators.ts'
import { notMatching, selectFrom } from '../promql/select.ts'
import { defineRules } from './define-rules.ts'

const metric = selectFrom(tokmeshCatalogue)
const alertOf = (expr: Expression, more: object = {}) =>
  defineRules(tokmeshCatalogue, ({ alert, group }) => [
    group('g', [
      alert('Test', { expr, severity: 'warning', component: 'test', summary: 'it', description: 'it is', ...more }),
    ]),
  ])

describe('expressions', () => {
  it('are written as one would write them', () => {
    const requests = metric('tokmesh_api_request_duration_seconds_count', {
      path: notMatching('/health.*|/ready|unmatched'),
    })
    expect(
      gt(div(sum(rate(metric('tokmesh_auth_failures_total'), '5m')), sum(rate(requests, '5m'))), 0.05).text,
    ).toMatchInlineSnapshot(
      `"sum(rate(tokmesh_auth_failures_total[5m])) / sum(rate(tokmesh_api_request_duration_seconds_count{path!~"/health.*|/ready|unmatched"}[5m])) > 0.05"`,
    )
    const buckets = metric('tokmesh_session_revoke_propagation_lag_seconds_bucket')
    expect(gt(histogramQuantile(0.99, sum(rate(buckets, '5m'), { by: ['le'] })), 5).text).toMatchInlineSnapshot(
      `"histogram_quantile(0.99, sum by (le) (rate(tokmesh_session_revoke_propagation_lag_seconds_bucket[5m]))) > 5"`,
    )
    const memory = gt(metric('tokmesh_mem_usage_bytes'), times(0.85, metric('tokmesh_mem_limit_bytes')))
    expect(or(gt(metric('tokmesh_cpu_usage_ratio'), 0.85), memory).text).toMatchInlineSnapshot(
      `"tokmesh_cpu_usage_ratio > 0.85 or tokmesh_mem_usage_bytes > 0.85 * tokmesh_mem_limit_bytes"`,
    )
  })
})

describe('a catalogue that lacks it', () => {
  const unsafe = metric as unknown as (name: string, where?: object) => Expression<never>
  it('refuses series, labels and values', () => {
    expect(() => unsafe('tokmesh_none_total')).toThrow('no series tokmesh_none_total')
    expect(() => unsafe('tokmesh_token_validate_calls_total', { user: 'x' })).toThrow('has no label user')
    expect(() => unsafe('tokmesh_token_validate_calls_total', { result: 'vlid' })).toThrow('is never "vlid"')
    expect(() => unsafe('tokmesh_api_request_duration_seconds_bucket', { le: '0.2' })).toThrow('le of tokmesh_api_')
    expect(unsafe('tokmesh_api_request_duration_seconds_bucket', { le: '+Inf' }).text).toContain('{le="+Inf"}')
    expect(() => alertOf({ text: 'other_total > 1', labels: [], precedence: 3 })).toThrow('no series other_total')
    expect(() => alertOf({ text: 'sum(', labels: [], precedence: 9 })).toThrow('rule Test: not PromQL')
  })
  it('refuses a template whose label the expression has no more', () => {
    const expr = gt(sum(increase(metric('tokmesh_wal_fsync_failed_total'), '5m')), 0)
    expect(() => alertOf(expr, { summary: 'at {{ $labels.instance }}' })).toThrow('$labels.instance')
  })
})

describe('what Prometheus would refuse', () => {
  const failed = gt(metric('tokmesh_wal_fsync_failed_total'), 0)
  it.each([
    [{ labels: { severity: 'info' } }, 'rule Test: labels: severity is settled by a field of its own'],
    [{ labels: { component: 'x' } }, 'labels: component is settled'],
    [{ labels: { 'on-call': 'x' } }, 'labels: "on-call" is no name of a label'],
    [{ for: '$__interval' }, 'rule Test: Prometheus knows no variables of Grafana'],
    [{ for: '30m1h' }, '"30m1h" is not a duration'],
    [{ for: '0s' }, '"0s" is not a duration'],
  ])('is refused in an alert: %j', (more, message) => {
    expect(() => alertOf(failed, more)).toThrow(message)
  })

  it('is refused in an expression: a variable of Grafana, an empty range', () => {
    const counter = metric('tokmesh_wal_fsync_failed_total')
    expect(() => alertOf(gt(rate(counter, '$__rate_interval'), 0))).toThrow('no variables of Grafana')
    expect(() => rate(counter, '0s')).toThrow('"0s" is not a duration')
  })

  it('is refused in a group: an interval', () => {
    const make = (interval: '5m') => defineRules(tokmeshCatalogue, ({ group }) => [group('g', [], { interval })])
    expect(() => make('soon' as '5m')).toThrow('group g: PromQL: "soon" is not a duration')
    expect(() => make('$__interval' as '5m')).toThrow('group g: Prometheus knows no variables')
    expect(make('5m').groups[0]?.interval).toBe('5m')
  })
})
