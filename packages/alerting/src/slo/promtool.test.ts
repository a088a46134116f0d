// The rules of an objective, evaluated by Prometheus's own `promtool test rules`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasPromtool } from '@honoscope/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { httpCatalogue } from '../catalogues/index.ts'
import { matching, selectFrom } from '../promql/select.ts'
import { defineRules } from '../rules/define-rules.ts'
import { toPrometheus } from '../rules/write-prometheus.ts'
import { defineSlo } from './define-slo.ts'
import { latency } from './latency.ts'
import { availability } from './sli.ts'

const metric = selectFrom(httpCatalogue)
const common = { objective: 0.999, component: 'shop', by: ['job'] } as const
const rules = defineRules(httpCatalogue, () => [
  defineSlo({
    ...common,
    name: 'Shop',
    sli: availability({
      bad: metric('http_requests_total', { status_code: matching('5..') }),
      total: metric('http_requests_total'),
    }),
  }).group,
  defineSlo({
    ...common,
    name: 'ShopLatency',
    sli: latency(httpCatalogue, { histogram: 'http_request_duration_seconds', threshold: 1 }),
  }).group,
])

const folder = mkdtempSync(join(tmpdir(), 'honoscope-slo-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'rules.yaml'), toPrometheus(rules))

/** Series minute by minute, and what has to be at a moment of them. */
interface Case {
  readonly series: Readonly<Record<string, string>>
  readonly at: string
  /** Each alert that fires: its name, severity and long window. */
  readonly firing: readonly (readonly [name: string, severity: string, long: string])[]
  /** Values of series that are recorded, by expression; `undefined` where there has to be none. */
  readonly recorded?: Readonly<Record<string, number | undefined>>
}

/** Returns what promtool complains of; nothing when all is as the case says. */
function complaints({ series, at, firing, recorded = {} }: Case): string {
  const alerts = 'sum by (alertname, severity, component, job, long_window) (ALERTS{alertstate="firing"})'
  const fired = firing.map(([alertname, severity, long_window]) => {
    const labels = { alertname, severity, component: 'shop', job: 'shop', long_window }
    const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
    return { labels: `{${pairs}}`, value: 1 }
  })
  const values = Object.entries(recorded).map(([expr, value]) => ({
    expr: `sum(round(${expr}, 0.0001))`,
    eval_time: at,
    exp_samples: value === undefined ? [] : [{ labels: '{}', value }],
  }))
  const test = {
    interval: '1m',
    input_series: Object.entries(series).map(([name, samples]) => ({ series: name, values: samples })),
    promql_expr_test: [{ expr: alerts, eval_time: at, exp_samples: fired }, ...values],
  }
  const file = join(folder, 'test.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests: [test] }))
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' })
  return status === 0 ? '' : `${stdout}${stderr}`
}

/** Counters that rise by so many a minute, of good and of failed requests, for so many minutes. */
const requests = (good: number, failed: number, minutes: number) => ({
  'http_requests_total{job="shop", status_code="200"}': `0+${good}x${minutes}`,
  'http_requests_total{job="shop", status_code="500"}': `0+${failed}x${minutes}`,
})

const durations = (quick: number, all: number, minutes: number, le: string) => ({
  [`http_request_duration_seconds_bucket{job="shop", le="${le}"}`]: `0+${quick}x${minutes}`,
  'http_request_duration_seconds_bucket{job="shop", le="+Inf"}': `0+${all}x${minutes}`,
  'http_request_duration_seconds_count{job="shop"}': `0+${all}x${minutes}`,
})

const title = `promtool, on the rules of an objective${hasPromtool ? '' : ' (skipped: promtool is not installed)'}`

describe.skipIf(!hasPromtool)(title, () => {
  it('finds the rules well-formed', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', join(folder, 'rules.yaml')])
    expect(`${stdout}${stderr}`).toMatch('32 rules found')
    expect(status).toBe(0)
  })

  it('page when a lot of the budget goes in an hour, by both pairs of windows', () => {
    const firing = [
      ['ShopBurnRateFast', 'critical', '1h'],
      ['ShopBurnRateFast', 'critical', '6h'],
      ['ShopBurnRateSlow', 'warning', '1d'],
      ['ShopBurnRateSlow', 'warning', '3d'],
    ] as const
    const recorded = { 'slo:errors:ratio_rate1h': 0.02, 'slo:error_budget_remaining:ratio': -19 }
    expect(complaints({ series: requests(980, 20, 120), at: '2h', firing, recorded })).toBe('')
  })

  it('warn only when it goes slowly', () => {
    const firing = [
      ['ShopBurnRateSlow', 'warning', '1d'],
      ['ShopBurnRateSlow', 'warning', '3d'],
    ] as const
    expect(complaints({ series: requests(996, 4, 120), at: '2h', firing })).toBe('')
    const slowest = [['ShopBurnRateSlow', 'warning', '3d']] as const
    expect(complaints({ series: requests(998, 2, 120), at: '2h', firing: slowest })).toBe('')
  })

  it('are silent while the budget lasts, where nothing ever failed, and without traffic', () => {
    const lasting = { 'slo:errors:ratio_rate1h': 0.0005, 'slo:error_budget_remaining:ratio': 0.5 }
    expect(complaints({ series: requests(1999, 1, 120), at: '2h', firing: [], recorded: lasting })).toBe('')
    const { 'http_requests_total{job="shop", status_code="200"}': good = '' } = requests(1000, 0, 120)
    const fine = { 'slo:errors:ratio_rate1h': 0, 'slo:error_budget_remaining:ratio': 1 }
    expect(
      complaints({ series: { 'http_requests_total{job="shop"}': good }, at: '2h', firing: [], recorded: fine }),
    ).toBe('')
    const nothing = { 'slo:errors:ratio_rate1h': undefined, 'slo:error_budget_remaining:ratio': undefined }
    expect(complaints({ series: requests(0, 0, 120), at: '2h', firing: [], recorded: nothing })).toBe('')
  })

  it('stop paging soon after the fault is over', () => {
    const counter = (rise: number, then: number) => `0+${rise}x60 ${rise * 60}+${then}x60`
    const series = {
      'http_requests_total{job="shop", status_code="200"}': counter(900, 1000),
      'http_requests_total{job="shop", status_code="500"}': counter(100, 0),
    }
    const of1h = ['ShopBurnRateFast', 'critical', '1h'] as const
    const rest = [
      ['ShopBurnRateFast', 'critical', '6h'],
      ['ShopBurnRateSlow', 'warning', '1d'],
      ['ShopBurnRateSlow', 'warning', '3d'],
    ] as const
    expect(complaints({ series, at: '60m', firing: [of1h, ...rest] })).toBe('')
    expect(complaints({ series, at: '70m', firing: rest })).toBe('')
    expect(complaints({ series, at: '110m', firing: rest.slice(1) })).toBe('')
  })

  it.each(['1', '1.0'])('count what took too long, in the format that writes the bound as %s', (le) => {
    const firing = [
      ['ShopLatencyBurnRateFast', 'critical', '1h'],
      ['ShopLatencyBurnRateFast', 'critical', '6h'],
      ['ShopLatencyBurnRateSlow', 'warning', '1d'],
      ['ShopLatencyBurnRateSlow', 'warning', '3d'],
    ] as const
    const recorded = { 'slo:errors:ratio_rate1h': 0.05 }
    expect(complaints({ series: durations(950, 1000, 120, le), at: '2h', firing, recorded })).toBe('')
    const none = { 'slo:errors:ratio_rate1h': 0 }
    expect(complaints({ series: durations(1000, 1000, 120, le), at: '2h', firing: [], recorded: none })).toBe('')
  })
})
