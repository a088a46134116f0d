import { describe, expect, it } from 'vitest'
import { createMetrics, type Metrics, open } from './index.ts'

/** Sample lines of one metric, without the catalogue's own metrics. */
async function lines(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.render()
  return text.split('\n').filter((line) => line.startsWith(name))
}

const create = (): Metrics => createMetrics({ prefix: 'shop_', runtime: false })

describe('counter', () => {
  it('has every declared combination at 0 from the start', async () => {
    const metrics = create()
    metrics.counter({ name: 'orders_total', help: 'Orders.', labels: { kind: ['new', 'repeat'], paid: ['yes', 'no'] } })
    expect(await lines(metrics, 'shop_orders_total')).toEqual([
      'shop_orders_total{kind="new",paid="yes"} 0',
      'shop_orders_total{kind="new",paid="no"} 0',
      'shop_orders_total{kind="repeat",paid="yes"} 0',
      'shop_orders_total{kind="repeat",paid="no"} 0',
    ])
  })

  it('counts, with labels in any order, and through a series', async () => {
    const metrics = create()
    const orders = metrics.counter({
      name: 'orders_total',
      help: 'Orders.',
      labels: { table: open(3), kind: ['a', 'b'] },
    })
    orders.inc({ table: 't', kind: 'a' })
    orders.inc({ kind: 'a', table: 't' }, 2)
    orders.series({ table: 't', kind: 'a' }).inc(0.5)
    orders.series({ table: 'u', kind: 'b' }).set(7)
    orders.set({ table: 'u', kind: 'a' }, 9)
    orders.set({ table: 'u', kind: 'a' }, 4)
    expect(await lines(metrics, 'shop_orders_total')).toEqual([
      'shop_orders_total{table="t",kind="a"} 3.5',
      'shop_orders_total{table="u",kind="b"} 7',
      'shop_orders_total{table="u",kind="a"} 4',
    ])
  })

  it('without labels is its own series', async () => {
    const metrics = create()
    const plain = metrics.counter({ name: 'plain_total', help: 'Plain.' })
    plain.inc()
    plain.inc(2)
    plain.series().inc()
    expect(await lines(metrics, 'shop_plain_total')).toEqual(['shop_plain_total 4'])
  })

  it('drops and counts what it can not take, and never throws', async () => {
    const metrics = create()
    const plain = metrics.counter({ name: 'plain_total', help: 'Plain.' })
    const loose: { inc(value: unknown): void; set(total: unknown): void } = plain
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY, '3', null, {}, 3n]) loose.inc(bad)
    loose.set(-1)
    expect(await lines(metrics, 'shop_plain_total')).toEqual(['shop_plain_total 0'])
    expect(await lines(metrics, 'honoscope_dropped_observations_total')).toEqual([
      'honoscope_dropped_observations_total{metric="shop_plain_total"} 8',
    ])
  })
})

describe('gauge', () => {
  it('goes up and down; an infinite value is one, NaN is dropped', async () => {
    const metrics = create()
    const gauge = metrics.gauge({ name: 'depth', help: 'Depth.', labels: { queue: ['a', 'b'] } })
    gauge.set({ queue: 'a' }, 5)
    gauge.inc({ queue: 'a' })
    gauge.dec({ queue: 'a' }, 3)
    gauge.set({ queue: 'b' }, Number.NEGATIVE_INFINITY)
    gauge.set({ queue: 'a' }, Number.NaN)
    expect(await lines(metrics, 'shop_depth')).toEqual(['shop_depth{queue="a"} 3', 'shop_depth{queue="b"} -Inf'])
    expect(await lines(metrics, 'honoscope_dropped')).toHaveLength(1)
  })

  it('forgets its series at reset, takes new values for them, and a series from before comes back', async () => {
    const metrics = create()
    const nodes = metrics.gauge({ name: 'nodes', help: 'Nodes.', labels: { node: open(2) } })
    const first = nodes.series({ node: 'first' })
    first.set(1)
    nodes.set({ node: 'second' }, 2)
    nodes.reset()
    expect(await lines(metrics, 'shop_nodes')).toEqual([])
    nodes.set({ node: 'third' }, 3)
    first.set(4)
    expect(await lines(metrics, 'shop_nodes')).toEqual(['shop_nodes{node="third"} 3', 'shop_nodes{node="first"} 4'])
    expect(await lines(metrics, 'honoscope_label_overflow_total')).toEqual([])
  })
})

describe('histogram', () => {
  it('puts a value into the first bucket that is not below it', async () => {
    const metrics = create()
    const sizes = metrics.histogram({ name: 'size_bytes', help: 'Size.', buckets: [1, 2.5, 10] })
    for (const value of [0, 1, 1.5, 10, 11]) sizes.observe(value)
    sizes.series().observe(2.5)
    expect(await lines(metrics, 'shop_size_bytes')).toEqual([
      'shop_size_bytes_bucket{le="1"} 2',
      'shop_size_bytes_bucket{le="2.5"} 4',
      'shop_size_bytes_bucket{le="10"} 5',
      'shop_size_bytes_bucket{le="+Inf"} 6',
      'shop_size_bytes_sum 26',
      'shop_size_bytes_count 6',
    ])
  })

  it('drops NaN, infinities, and negative values unless a bucket is negative', async () => {
    const metrics = create()
    const positive = metrics.histogram({ name: 'a_seconds', help: 'A.', buckets: [1] })
    const negative = metrics.histogram({ name: 'b_degrees', help: 'B.', buckets: [-1, 1] })
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -0.1]) positive.observe(bad)
    negative.observe(-5)
    negative.observe(Number.NEGATIVE_INFINITY)
    expect((await lines(metrics, 'shop_a_seconds')).at(-1)).toBe('shop_a_seconds_count 0')
    expect((await lines(metrics, 'shop_b_degrees')).at(-1)).toBe('shop_b_degrees_count 1')
    expect(await lines(metrics, 'honoscope_dropped')).toEqual([
      'honoscope_dropped_observations_total{metric="shop_a_seconds"} 3',
      'honoscope_dropped_observations_total{metric="shop_b_degrees"} 1',
    ])
  })

  it('keeps its children apart while their number grows', async () => {
    const metrics = create()
    const times = metrics.histogram({ name: 't_seconds', help: 'T.', labels: { table: open(300) }, buckets: [1] })
    for (let i = 0; i < 300; i++) times.observe({ table: `t${i}` }, i)
    const sums = (await lines(metrics, 'shop_t_seconds_sum')).map((line) => Number(line.split(' ')[1]))
    expect(sums).toEqual(Array.from({ length: 300 }, (_, i) => i))
  })
})

describe('labels', () => {
  it('folds a wrong value of a closed list into other, and counts it', async () => {
    const metrics = create()
    const calls = metrics.counter({ name: 'calls_total', help: 'Calls.', labels: { result: ['ok', 'error'] } })
    const loose: { inc(labels?: unknown): void } = calls
    loose.inc({ result: 'nonsense' })
    for (const bad of [undefined, null, 7, 'ok', {}, { result: ['ok'] }]) loose.inc(bad)
    expect(await lines(metrics, 'shop_calls_total')).toEqual([
      'shop_calls_total{result="ok"} 0',
      'shop_calls_total{result="error"} 0',
      'shop_calls_total{result="other"} 7',
    ])
    expect(await lines(metrics, 'honoscope_label_overflow_total')).toEqual([
      'honoscope_label_overflow_total{metric="shop_calls_total",label="result"} 7',
    ])
  })

  it('takes other as a value of its own where it is declared', async () => {
    const metrics = create()
    const calls = metrics.counter({ name: 'calls_total', help: 'Calls.', labels: { kind: ['other', 'select'] } })
    calls.inc({ kind: 'other' })
    expect(await lines(metrics, 'shop_calls_total')).toEqual([
      'shop_calls_total{kind="other"} 1',
      'shop_calls_total{kind="select"} 0',
    ])
    expect(await lines(metrics, 'honoscope_label_overflow_total')).toEqual([])
  })

  it('finds its way in long lists and with more than three labels', async () => {
    const metrics = create()
    const letters = [...'abcdefghijklmnop']
    const calls = metrics.counter({
      name: 'calls_total',
      help: 'Calls.',
      labels: { a: letters, b: open(5), c: letters, d: ['x', 'y'], e: ['1', '2'] },
    })
    calls.inc({ a: 'p', b: 'q', c: 'c', d: 'y', e: '1' })
    calls.inc({ a: 'p', b: 'q', c: 'c', d: 'y', e: '2' }, 5)
    expect(await lines(metrics, 'shop_calls_total')).toEqual([
      'shop_calls_total{a="p",b="q",c="c",d="y",e="1"} 1',
      'shop_calls_total{a="p",b="q",c="c",d="y",e="2"} 5',
    ])
  })

  it('keeps the first values of an open label, and folds 100,000 invented ones without growing', async () => {
    const metrics = create()
    const queries = metrics.counter({ name: 'queries_total', help: 'Queries.', labels: { table: open(3) } })
    for (let i = 0; i < 100_000; i++) queries.inc({ table: `invented_${i}_${'x'.repeat(i % 300)}` })
    const samples = await lines(metrics, 'shop_queries_total')
    expect(samples).toHaveLength(4)
    expect(samples.at(-1)).toBe('shop_queries_total{table="other"} 99997')
    expect(await lines(metrics, 'honoscope_label_overflow_total')).toEqual([
      'honoscope_label_overflow_total{metric="shop_queries_total",label="table"} 99997',
    ])
    expect(await lines(metrics, 'honoscope_series{metric="shop_queries_total"}')).toEqual([
      'honoscope_series{metric="shop_queries_total"} 4',
    ])
  })

  it('stops at maxChildren, whatever the labels could make', async () => {
    const metrics = create()
    const labels = { a: open(100), b: open(100) }
    const pairs = metrics.counter({ name: 'pairs_total', help: 'Pairs.', labels, maxChildren: 10 })
    for (let i = 0; i < 100; i++) pairs.inc({ a: `a${i % 10}`, b: `b${Math.floor(i / 10)}` })
    const samples = await lines(metrics, 'shop_pairs_total')
    expect(samples).toHaveLength(11)
    expect(samples.at(-1)).toBe('shop_pairs_total{a="other",b="other"} 90')
    expect(await lines(metrics, 'honoscope_label_overflow_total')).toEqual([
      'honoscope_label_overflow_total{metric="shop_pairs_total",label="*"} 90',
    ])
  })

  it('cuts long values at 128 characters, takes numbers and booleans, and no half of a surrogate pair', async () => {
    const metrics = create()
    const calls = metrics.counter({ name: 'calls_total', help: 'Calls.', labels: { x: open(9) } })
    const loose: { inc(labels: unknown): void } = calls
    for (const x of ['y'.repeat(500), 'y'.repeat(128), 7, true, '\ud800', '\udfff', Symbol('s')]) loose.inc({ x })
    expect(await lines(metrics, 'shop_calls_total')).toEqual([
      `shop_calls_total{x="${'y'.repeat(128)}"} 2`,
      'shop_calls_total{x="7"} 1',
      'shop_calls_total{x="true"} 1',
      'shop_calls_total{x="\ufffd"} 2',
      'shop_calls_total{x="other"} 1',
    ])
  })
})
