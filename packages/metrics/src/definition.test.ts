import { Counter } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createMetrics, open } from './index.ts'

const help = 'Help.'

describe('setup', () => {
  const gauges: readonly (readonly [string, object, string])[] = [
    ['a bad name', { name: 'a-b' }, 'metric p_a-b: the name may hold'],
    ['no help', { name: 'a', help: '' }, 'metric p_a: help is missing'],
    ['le as a label', { name: 'a', labels: { le: ['1'] } }, 'metric p_a: label le is reserved'],
    ['quantile as a label', { name: 'a', labels: { quantile: ['1'] } }, 'metric p_a: label quantile is reserved'],
    ['a reserved label', { name: 'a', labels: { __x: ['1'] } }, 'metric p_a: label __x: names that start with __'],
    ['a bad label', { name: 'a', labels: { 'b-c': ['1'] } }, 'metric p_a: label "b-c" may hold'],
    ['an empty list', { name: 'a', labels: { b: [] } }, 'metric p_a: label b has an empty list'],
    ['a value twice', { name: 'a', labels: { b: ['x', 'x'] } }, 'metric p_a: label b lists a value twice'],
    ['a value that is no string', { name: 'a', labels: { b: [1] } }, 'metric p_a: label b has a value that is not'],
    ['no list', { name: 'a', labels: { b: undefined } }, 'metric p_a: label b has neither'],
    ['a bad open', { name: 'a', labels: { b: { open: 0 } } }, 'metric p_a: label b: open(max) needs'],
    ['init with an open label', { name: 'a', labels: { b: open(1) }, init: true }, 'metric p_a: init: true needs'],
    ['too many to init', { name: 'a', labels: { b: ['x', 'y'] }, maxChildren: 1 }, 'metric p_a: init would make 2'],
    ['a bad maxChildren', { name: 'a', maxChildren: 0 }, 'metric p_a: maxChildren must be'],
    [
      'more combinations than can be numbered',
      { name: 'a', labels: Object.fromEntries([...'bcdefg'].map((label) => [label, open(1000)])) },
      'metric p_a: its labels have too many combinations',
    ],
  ]
  for (const [what, options, message] of gauges) {
    it(`refuses ${what}, with the metric's name`, () => {
      const metrics = createMetrics({ prefix: 'p_', runtime: false })
      const make = (): unknown => metrics.gauge({ name: 'x', help, ...options })
      expect(make).toThrow(TypeError)
      expect(make).toThrow(message)
    })
  }

  for (const [buckets, message] of [
    [[], 'buckets are empty'],
    [[Number.POSITIVE_INFINITY], 'buckets are empty'],
    [[2, 1], 'buckets must ascend, 1 comes after 2'],
    [[1, 1], 'buckets must ascend'],
    [[1, Number.NaN], 'bucket NaN is not a finite number'],
    [[Number.NEGATIVE_INFINITY, 1], 'bucket -Infinity is not a finite number'],
  ] as const) {
    it(`refuses the buckets [${buckets}]`, () => {
      const metrics = createMetrics({ prefix: 'p_', runtime: false })
      const make = (): unknown => metrics.histogram({ name: 'x', help, buckets })
      expect(make).toThrow(TypeError)
      expect(make).toThrow(`metric p_x: ${message}`)
    })
  }

  it('refuses a counter without _total, and takes a gauge with it', () => {
    const metrics = createMetrics({ runtime: false })
    expect(() => metrics.counter({ name: 'calls', help })).toThrow('metric calls: the name of a counter ends in _total')
    expect(() => metrics.gauge({ name: 'nodes_total', help })).not.toThrow()
  })

  it('refuses a name that is taken, also by a metric of prom-client', () => {
    const metrics = createMetrics({ runtime: false })
    metrics.gauge({ name: 'a', help })
    new Counter({ name: 'b_total', help, registers: [metrics.registry] })
    expect(() => metrics.gauge({ name: 'a', help })).toThrow('metric a: there is one with this name already')
    expect(() => metrics.counter({ name: 'b_total', help })).toThrow(TypeError)
  })

  it('refuses names that clash in one of the formats', () => {
    const metrics = createMetrics({ runtime: false })
    metrics.histogram({ name: 'x_seconds', help })
    metrics.counter({ name: 'y_total', help })
    expect(() => metrics.gauge({ name: 'x_seconds_count', help })).toThrow('x_seconds_count would clash with x_seconds')
    expect(() => metrics.gauge({ name: 'y', help })).toThrow('metric y: y would clash with y_total')
  })

  it('takes a second metric of a name that was refused for something else', () => {
    const metrics = createMetrics({ runtime: false })
    expect(() => metrics.gauge({ name: 'a', help, labels: { b: [] } })).toThrow(TypeError)
    expect(() => metrics.gauge({ name: 'a', help })).not.toThrow()
  })

  it('takes a name without the prefix where the metric says so', async () => {
    const metrics = createMetrics({ prefix: 'p_', runtime: false })
    metrics.gauge({ name: 'process_x', prefix: '', help })
    expect(await metrics.render()).toContain('\nprocess_x 0\n')
  })

  it('refuses wrong options of its own', () => {
    expect(() => createMetrics({ prefix: '1-' })).toThrow('createMetrics: prefix "1-"')
    expect(() => createMetrics({ collectTimeoutMs: 0 })).toThrow('createMetrics: collectTimeoutMs must be above 0')
    expect(() => open(0)).toThrow(RangeError)
    const { registry } = createMetrics({ runtime: false })
    expect(() => createMetrics({ registry, runtime: false })).toThrow('honoscope_')
  })
})
