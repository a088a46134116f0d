import {
  expositionFaults,
  hasOpenMetricsParser,
  hasPromtool,
  openMetricsSamples,
  promtoolComplaints,
  samplesOf,
} from '@honoscope/testing'
import { Counter, Gauge, Histogram, type OpenMetricsContentType, Registry, Summary } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createMetrics, type Metrics, open } from './index.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'
const odd = 'a"b\\c\nd\te} # {f="g"} 1,é😀\u0000\r'

/** One of everything, ours and prom-client's, with values that are hard to write. */
function everything(): Metrics {
  const metrics = createMetrics({ traceContext: () => ({ traceId, spanId }), now: () => 1_700_000_000_123 })
  const counter = metrics.counter({
    name: 'odd_total',
    help: 'Back\\slash, "quotes"\nand a line feed.',
    labels: { value: open(9), kind: [odd] },
  })
  for (const value of [odd, '', 'plain', 'x'.repeat(1000)]) counter.inc({ value, kind: odd }, 1.5e21)
  const gauge = metrics.gauge({ name: 'nodes_total', help: 'A gauge that ends in _total.', labels: { v: open(9) } })
  const values = [0, -0, 1e-7, -1.5, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) gauge.set({ v: `${value}` }, value)
  const histogram = metrics.histogram({
    name: 'long_seconds',
    help: 'Long.',
    labels: { route: open(5) },
    buckets: [0.001, 0.5, 1, 10, 1e6, 1.5e7],
  })
  for (const value of [0, 0.75, 1, 5e6, 1e9]) histogram.observe({ route: odd }, value)
  metrics.histogram({ name: 'celsius', help: 'Negative.', buckets: [-10, 0, 10] }).observe(-20)
  metrics.gauge({ name: 'empty', help: 'No series.', labels: { x: open(1) } })
  foreign(metrics.registry)
  return metrics
}

function foreign(registry: Registry): void {
  const registers = [registry]
  const labelNames = ['x']
  new Counter({ name: 'their_calls_total', help: 'Calls.', labelNames, registers }).inc({ x: odd }, 2)
  new Gauge({ name: 'their_depth', help: 'Depth.', registers }).set(Number.POSITIVE_INFINITY)
  new Histogram({ name: 'their_seconds', help: 'Seconds.', labelNames, buckets: [0.5, 1], registers }).observe(
    { x: 'y' },
    1,
  )
  new Summary({ name: 'their_rank', help: 'Summary.', percentiles: [0.5, 0.99], registers }).observe(3)
  new Counter({ name: 'their_empty_total', help: 'No series.', labelNames, registers })
}

describe('exposition', () => {
  it('is as expected in the classic format', async () => {
    const metrics = createMetrics({ prefix: 'shop_', runtime: false })
    metrics.counter({ name: 'orders_total', help: 'Orders.', labels: { kind: ['new'] } }).inc({ kind: 'new' })
    metrics.histogram({ name: 'pay_seconds', help: 'Pay.', buckets: [0.5, 1] }).observe(0.7)
    metrics.gauge({ name: 'carts', help: 'Carts.', labels: { store: open(5) } })
    const text = await metrics.render()
    expect(text.slice(text.indexOf('# HELP shop_'))).toBe(`# HELP shop_orders_total Orders.
# TYPE shop_orders_total counter
shop_orders_total{kind="new"} 1
# HELP shop_pay_seconds Pay.
# TYPE shop_pay_seconds histogram
shop_pay_seconds_bucket{le="0.5"} 0
shop_pay_seconds_bucket{le="1"} 1
shop_pay_seconds_bucket{le="+Inf"} 1
shop_pay_seconds_sum 0.7
shop_pay_seconds_count 1
# HELP shop_carts Carts.
# TYPE shop_carts gauge
`)
  })

  it('is as expected in OpenMetrics, with exemplars', async () => {
    const metrics = createMetrics({
      prefix: 'shop_',
      runtime: false,
      traceContext: () => ({ traceId, spanId }),
      now: () => 1_700_000_000_123,
    })
    metrics.counter({ name: 'orders_total', help: 'Say "hi".' }).inc(2)
    metrics.histogram({ name: 'pay_seconds', help: 'Pay.', buckets: [0.5, 1] }).observe(0.7)
    const text = await metrics.render({ openMetrics: true })
    const at = `{trace_id="${traceId}",span_id="${spanId}"}`
    expect(text.slice(text.indexOf('# HELP shop_'))).toBe(`# HELP shop_orders Say \\"hi\\".
# TYPE shop_orders counter
shop_orders_total 2 # ${at} 2 1700000000.123
# HELP shop_pay_seconds Pay.
# TYPE shop_pay_seconds histogram
shop_pay_seconds_bucket{le="0.5"} 0
shop_pay_seconds_bucket{le="1.0"} 1 # ${at} 0.7 1700000000.123
shop_pay_seconds_bucket{le="+Inf"} 1
shop_pay_seconds_sum 0.7
shop_pay_seconds_count 1
# EOF
`)
  })

  it('has no series twice and no bucket that falls, in both formats', async () => {
    const metrics = everything()
    for (const openMetrics of [false, true]) {
      const text = await metrics.render({ openMetrics })
      expect(expositionFaults(text)).toEqual([])
      expect(samplesOf(text).length).toBeGreaterThan(60)
    }
    metrics.close()
  })

  it.skipIf(!hasPromtool)(`is what promtool reads${hasPromtool ? '' : ' (skipped: no promtool here)'}`, async () => {
    const metrics = everything()
    const complaints = promtoolComplaints(await metrics.render())
    // The gauge of that name is there on purpose: TokMesh's contract has two of them.
    expect(complaints.filter((line) => !line.startsWith('nodes_total '))).toEqual([])
    expect(promtoolComplaints('a{b="c} 1\n')).not.toEqual([])
    metrics.close()
  })

  const reason = hasOpenMetricsParser ? '' : ' (skipped: no python3-prometheus-client here)'
  it.skipIf(!hasOpenMetricsParser)(`is what the strict OpenMetrics parser reads${reason}`, async () => {
    const metrics = everything()
    const text = await metrics.render({ openMetrics: true })
    expect(openMetricsSamples(text)).toBe(samplesOf(text).length)
    expect(() => openMetricsSamples(text.replace('# EOF\n', ''))).toThrow('not OpenMetrics')
    metrics.close()
  })

  it('keeps the name of a gauge that ends in _total', async () => {
    const metrics = everything()
    expect(await metrics.render({ openMetrics: true })).toContain('# TYPE nodes_total gauge\nnodes_total{v="0"} 0\n')
    metrics.close()
  })

  it('takes exemplars from the call before the catalogue, and no ids that are none', async () => {
    let current: { traceId: string; spanId: string } | undefined
    const metrics = createMetrics({
      runtime: false,
      traceContext: () => {
        if (current === undefined) throw new Error('no tracer')
        return current
      },
    })
    const calls = metrics.counter({ name: 'calls_total', help: 'Calls.', labels: { n: ['1', '2', '3'] } })
    calls.inc({ n: '1' })
    current = { traceId: 'evil"} 1\n', spanId }
    calls.inc({ n: '2' })
    calls.series({ n: '3' }).inc(1, { traceId, spanId })
    const text = await metrics.render({ openMetrics: true })
    expect(text).toContain('calls_total{n="1"} 1\ncalls_total{n="2"} 1\n')
    expect(text).toContain(`calls_total{n="3"} 1 # {trace_id="${traceId}",span_id="${spanId}"} 1 `)
  })
})

describe('metrics of prom-client', () => {
  it('are written in both formats, and one scrape does not change the next', async () => {
    const metrics = createMetrics({ runtime: false })
    foreign(metrics.registry)
    const classic = await metrics.render()
    const open = await metrics.render({ openMetrics: true })
    expect(classic).toContain('# TYPE their_calls_total counter\ntheir_calls_total{x="')
    expect(classic).toContain('their_seconds_bucket{le="1",x="y"} 1\n')
    expect(classic).toContain('# HELP their_empty_total No series.\n# TYPE their_empty_total counter\n')
    expect(open).toContain('# TYPE their_calls counter\ntheir_calls_total{x="')
    expect(open).toContain('their_seconds_bucket{le="1.0",x="y"} 1\n')
    expect(open).toContain('their_rank{quantile="0.99"} 3\n')
    expect(await metrics.render()).toBe(classic)
    expect(await metrics.render({ openMetrics: true })).toBe(open)
  })

  it('show their exemplars in OpenMetrics', async () => {
    const registry = new Registry<OpenMetricsContentType>()
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    const calls = new Counter({ name: 'calls_total', help: 'Calls.', enableExemplars: true, registers: [registry] })
    calls.inc({ value: 2, exemplarLabels: { trace_id: traceId } })
    const ours = createMetrics({ runtime: false })
    const sink: { registerMetric(metric: unknown): void } = ours.registry
    sink.registerMetric(calls)
    const text = await ours.render({ openMetrics: true })
    expect(text).toMatch(new RegExp(`\\ncalls_total 2 # \\{trace_id="${traceId}"\\} 2 \\d+\\.\\d+\\n`))
    expect(await ours.render()).toContain('\ncalls_total 2\n')
  })
})

describe("prom-client's registry", () => {
  it('gives its default labels to every sample that has no such label of its own', async () => {
    const metrics = createMetrics({ runtime: false })
    metrics.registry.setDefaultLabels({ app: 'a"b\n', n: '9' })
    metrics.counter({ name: 'calls_total', help: 'Calls.', labels: { n: ['1'] } })
    metrics.histogram({ name: 'h_seconds', help: 'H.', buckets: [1] })
    new Gauge({ name: 'theirs', help: 'T.', labelNames: ['n'], registers: [metrics.registry] }).set({ n: '2' }, 3)
    const text = await metrics.render()
    expect(text).toContain('calls_total{n="1",app="a\\"b\\n"} 0\n')
    expect(text).toContain('h_seconds_bucket{app="a\\"b\\n",n="9",le="1"} 0\n')
    expect(text).toContain('h_seconds_count{app="a\\"b\\n",n="9"} 0\n')
    expect(text).toContain('theirs{n="2",app="a\\"b\\n"} 3\n')
    expect(expositionFaults(text)).toEqual([])
  })

  it('writes our metrics too, in either of its formats, and resets them', async () => {
    const metrics = createMetrics({ runtime: false })
    const calls = metrics.counter({ name: 'calls_total', help: 'Calls.', labels: { n: ['1'] } })
    calls.inc({ n: '1' }, 3)
    metrics.histogram({ name: 'h_seconds', help: 'H.', buckets: [1] }).observe(0.5)
    metrics.gauge({ name: 'late', help: 'Late.', collect: async (late) => late.set(8) })
    const { registry } = metrics
    const text = await registry.metrics()
    expect(text).toContain('# TYPE calls_total counter\ncalls_total{n="1"} 3\n')
    expect(text).toContain('h_seconds_bucket{le="1"} 1\nh_seconds_bucket{le="+Inf"} 1\nh_seconds_sum 0.5\n')
    expect(text).toContain('late 8\n')
    const openRegistry: { setContentType(type: string): void } = registry
    openRegistry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    expect(await registry.metrics()).toContain('# TYPE calls counter\ncalls_total{n="1"} 3\n')
    openRegistry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE)
    expect(await registry.metrics()).toBe(text)
    expect(await metrics.render()).toContain('calls_total{n="1"} 3\n')
    registry.resetMetrics()
    expect(await metrics.render()).toContain('calls_total{n="1"} 0\n')
    expect((await registry.getMetricsAsJSON()).some(({ name }) => name === 'calls_total')).toBe(true)
  })
})
