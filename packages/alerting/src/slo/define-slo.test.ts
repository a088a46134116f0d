import { describe, expect, it } from 'vitest'
import { httpCatalogue, tokmeshCatalogue } from '../catalogues/index.ts'
import { gt } from '../promql/operators.ts'
import { matching, selectFrom } from '../promql/select.ts'
import { defineRules, type RuleSet } from '../rules/define-rules.ts'
import { defineSlo } from './define-slo.ts'
import { latency } from './latency.ts'
import { availability } from './sli.ts'

const metric = selectFrom(httpCatalogue)
const requests = 'http_requests_total'
const sli = availability({ bad: metric(requests, { status_code: matching('5..') }), total: metric(requests) })
const shop = { name: 'Shop', objective: 0.999, component: 'shop', by: ['job'], sli } as const

const rulesOf = (set: RuleSet) => set.groups.flatMap(({ rules }) => rules)
const textOf = (set: RuleSet) => rulesOf(set).map(({ name, expr }) => `${name}: ${expr.text}`)

describe('an objective of availability', () => {
  const set = defineRules(httpCatalogue, () => [defineSlo(shop).group])

  it('reads the events once, and makes every window of what it recorded', () => {
    expect(textOf(set)).toMatchInlineSnapshot(`
      [
        "slo:bad_events:rate5m: sum by (job) (rate(http_requests_total{status_code=~"5.."}[5m])) or 0 * sum by (job) (rate(http_requests_total[5m]))",
        "slo:events:rate5m: sum by (job) (rate(http_requests_total[5m]))",
        "slo:errors:ratio_rate5m: slo:bad_events:rate5m{slo="Shop"} / (slo:events:rate5m{slo="Shop"} > 0)",
        "slo:errors:ratio_rate30m: sum_over_time(slo:bad_events:rate5m{slo="Shop"}[30m]) / (sum_over_time(slo:events:rate5m{slo="Shop"}[30m]) > 0)",
        "slo:errors:ratio_rate1h: sum_over_time(slo:bad_events:rate5m{slo="Shop"}[1h]) / (sum_over_time(slo:events:rate5m{slo="Shop"}[1h]) > 0)",
        "slo:errors:ratio_rate2h: sum_over_time(slo:bad_events:rate5m{slo="Shop"}[2h]) / (sum_over_time(slo:events:rate5m{slo="Shop"}[2h]) > 0)",
        "slo:errors:ratio_rate6h: sum_over_time(slo:bad_events:rate5m{slo="Shop"}[6h]) / (sum_over_time(slo:events:rate5m{slo="Shop"}[6h]) > 0)",
        "slo:errors:ratio_rate1d: sum_over_time(slo:bad_events:rate5m{slo="Shop"}[1d]) / (sum_over_time(slo:events:rate5m{slo="Shop"}[1d]) > 0)",
        "slo:errors:ratio_rate3d: sum_over_time(slo:bad_events:rate5m{slo="Shop"}[3d]) / (sum_over_time(slo:events:rate5m{slo="Shop"}[3d]) > 0)",
        "slo:errors:ratio_rate30d: sum_over_time(slo:bad_events:rate5m{slo="Shop"}[30d]) / (sum_over_time(slo:events:rate5m{slo="Shop"}[30d]) > 0)",
        "slo:objective:ratio: vector(0.999)",
        "slo:error_budget_remaining:ratio: 1 - slo:errors:ratio_rate30d{slo="Shop"} / 0.001",
        "ShopBurnRateFast: slo:errors:ratio_rate1h{slo="Shop"} / 0.001 > 14.4 and slo:errors:ratio_rate5m{slo="Shop"} / 0.001 > 14.4",
        "ShopBurnRateFast: slo:errors:ratio_rate6h{slo="Shop"} / 0.001 > 6 and slo:errors:ratio_rate30m{slo="Shop"} / 0.001 > 6",
        "ShopBurnRateSlow: slo:errors:ratio_rate1d{slo="Shop"} / 0.001 > 3 and slo:errors:ratio_rate2h{slo="Shop"} / 0.001 > 3",
        "ShopBurnRateSlow: slo:errors:ratio_rate3d{slo="Shop"} / 0.001 > 1 and slo:errors:ratio_rate6h{slo="Shop"} / 0.001 > 1",
      ]
    `)
  })

  it('tells in its alerts how fast the budget burns and what part of it that is', () => {
    const alerts = rulesOf(set).flatMap((rule) => (rule.kind === 'alert' ? [rule] : []))
    expect(alerts.map(({ name, severity, labels }) => ({ name, severity, ...labels }))).toMatchInlineSnapshot(`
      [
        {
          "long_window": "1h",
          "name": "ShopBurnRateFast",
          "severity": "critical",
          "short_window": "5m",
        },
        {
          "long_window": "6h",
          "name": "ShopBurnRateFast",
          "severity": "critical",
          "short_window": "30m",
        },
        {
          "long_window": "1d",
          "name": "ShopBurnRateSlow",
          "severity": "warning",
          "short_window": "2h",
        },
        {
          "long_window": "3d",
          "name": "ShopBurnRateSlow",
          "severity": "warning",
          "short_window": "6h",
        },
      ]
    `)
    expect(alerts.map(({ description }) => description)).toMatchInlineSnapshot(`
      [
        "Over the last 1h the error budget of {{ $labels.job }} burnt {{ $value | humanize }} times as fast as it may; the limit is 14.4, at which 2 % of the budget for 30d goes in 1h. Too many events failed: the objective is that 99.9 % do not.",
        "Over the last 6h the error budget of {{ $labels.job }} burnt {{ $value | humanize }} times as fast as it may; the limit is 6, at which 5 % of the budget for 30d goes in 6h. Too many events failed: the objective is that 99.9 % do not.",
        "Over the last 1d the error budget of {{ $labels.job }} burnt {{ $value | humanize }} times as fast as it may; the limit is 3, at which 10 % of the budget for 30d goes in 1d. Too many events failed: the objective is that 99.9 % do not.",
        "Over the last 3d the error budget of {{ $labels.job }} burnt {{ $value | humanize }} times as fast as it may; the limit is 1, at which 10 % of the budget for 30d goes in 3d. Too many events failed: the objective is that 99.9 % do not.",
      ]
    `)
  })

  it('records series that later rules may use, with their labels', () => {
    const later = (label: string) =>
      defineRules(httpCatalogue, ({ alert, group }) => {
        const slo = defineSlo(shop)
        const summary = `{{ $labels.${label} }}`
        const expr = gt(slo.errorRatio('1h'), 0.5)
        const alerts = [alert('Half', { expr, severity: 'info', component: 'shop', summary, description: 'half' })]
        return [slo.group, group('later', alerts)]
      })
    expect(textOf(later('job')).at(-1)).toBe('Half: slo:errors:ratio_rate1h{slo="Shop"} > 0.5')
    expect(() => later('slo')).not.toThrow()
    expect(() => later('route')).toThrow('$labels.route')
    expect(() => defineSlo(shop).errorRatio('4h')).toThrow('Shop: no error ratio is recorded over 4h')
  })

  it('stands beside another one', () => {
    const both = () => [defineSlo(shop).group, defineSlo({ ...shop, name: 'Till', by: [] }).group]
    expect(() => defineRules(httpCatalogue, both)).not.toThrow()
    expect(() => defineRules(httpCatalogue, () => [defineSlo(shop).group, defineSlo(shop).group])).toThrow('twice')
  })
})

describe('an objective of latency', () => {
  const api = 'tokmesh_api_request_duration_seconds'
  const expressions = (threshold: 0.1 | 1) => {
    const sli = latency(tokmeshCatalogue, { histogram: api, threshold, where: { path: '/tokens/validate' } })
    const group = () => [defineSlo({ name: 'Validate', objective: 0.99, component: 'tokmesh', sli }).group]
    return textOf(defineRules(tokmeshCatalogue, group))
  }

  it('counts what took longer, by the bound as both formats write it', () => {
    expect(expressions(0.1)[0]).toMatchInlineSnapshot(
      `"slo:bad_events:rate5m: clamp_min(sum(rate(tokmesh_api_request_duration_seconds_count{path="/tokens/validate"}[5m])) - sum(rate(tokmesh_api_request_duration_seconds_bucket{path="/tokens/validate", le="0.1"}[5m])), 0)"`,
    )
    expect(expressions(1)[0]).toMatchInlineSnapshot(
      `"slo:bad_events:rate5m: clamp_min(sum(rate(tokmesh_api_request_duration_seconds_count{path="/tokens/validate"}[5m])) - sum(rate(tokmesh_api_request_duration_seconds_bucket{path="/tokens/validate", le=~"1|1\\\\.0"}[5m])), 0)"`,
    )
  })

  it('refuses a threshold that is not a bound, and names the nearest ones', () => {
    const at = (threshold: number) => latency(tokmeshCatalogue, { histogram: api, threshold: threshold as 1 })
    expect(() => at(0.2)).toThrow(`latency: threshold 0.2 is no upper bound of ${api}; the nearest are 0.1 and 0.25`)
    expect(() => at(3)).toThrow('the nearest is 1')
    expect(() => latency(tokmeshCatalogue, { histogram: 'none' as typeof api, threshold: 1 })).toThrow(
      'no histogram none',
    )
  })
})

describe('options', () => {
  const factors = (more: object) =>
    textOf(defineRules(httpCatalogue, () => [defineSlo({ ...shop, ...more }).group])).flatMap(
      (text) => /BurnRate.* > (\S+)$/.exec(text)?.slice(1) ?? [],
    )

  it('scale the burn rates to the window, and never below what lasts', () => {
    expect(factors({ window: '30d' })).toEqual(['14.4', '6', '3', '1'])
    expect(factors({ window: '4w' })).toEqual(['13.44', '5.6', '2.8', '1'])
    expect(factors({ window: '90d' })).toEqual(['43.2', '18', '9', '3'])
    expect(factors({ window: '7d' })).toEqual(['3.36', '1.4', '1', '1'])
  })

  it('keep an objective in reach of its alerts', () => {
    expect(factors({ objective: 0.9 })).toEqual(['9', '6', '3', '1'])
  })

  it.each([
    [{ name: 'shop-api' }, 'name "shop-api"'],
    [{ objective: 99.9 }, 'objective 99.9'],
    [{ objective: 1 }, 'objective 1 '],
    [{ window: '1d' }, 'window "1d"'],
    [{ window: '200h' }, 'window "200h"'],
    [{ interval: '5m' }, 'interval "5m"'],
    [{ by: ['user'] }, 'by names the label user'],
  ])('are refused by name: %j', (wrong, message) => {
    expect(() => defineSlo({ ...shop, ...(wrong as object) })).toThrow(`defineSlo: ${message}`)
    expect(() => defineSlo({ ...shop, ...(wrong as object) })).toThrow(TypeError)
  })
})
