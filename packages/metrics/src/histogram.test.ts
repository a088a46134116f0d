import { describe, expect, it } from 'vitest'
import { createMetrics } from './index.ts'

/** Observations of each bucket and all before it, as they are shown, the last of them `+Inf`. */
async function shown(buckets: readonly number[], values: readonly number[]): Promise<number[]> {
  const metrics = createMetrics({ runtime: false })
  const histogram = metrics.histogram({ name: 'size', help: 'Size.', buckets })
  for (const value of values) histogram.observe(value)
  const text = await metrics.render()
  return [...text.matchAll(/^size_bucket\{.*\} (\d+)$/gm)].map(([, count]) => Number(count))
}

describe('a histogram', () => {
  it.each([
    [[1]],
    [[1, 2]],
    [[1, 2, 5]],
    [[1, 2, 5, 10]],
    [[-5, -1, 0, 1, 5]],
    [Array.from({ length: 40 }, (_, i) => 2 ** i)],
  ])('puts values at, below and above each of the bounds %j where they belong', async (bounds) => {
    const smallest = (bounds[0] ?? 0) < 0 ? Number.NEGATIVE_INFINITY : 0
    const values = [0, ...bounds.flatMap((bound) => [bound - 1e-9, bound, bound + 1e-9]), Number.MAX_VALUE]
    const taken = values.filter((value) => value >= smallest)
    const expected = [...bounds, Number.POSITIVE_INFINITY].map(
      (bound) => taken.filter((value) => value <= bound).length,
    )
    expect(await shown(bounds, values)).toEqual(expected)
  })

  it('takes no infinity and no NaN, whatever its bounds', async () => {
    const none = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]
    expect(await shown([-1, 1], [...none, -Number.MAX_VALUE])).toEqual([1, 1, 1])
    expect(await shown([1], [...none, -1, 0])).toEqual([1, 1])
  })

  it('goes on with a series that was there before a reset, in a child that is new', async () => {
    const metrics = createMetrics({ runtime: false })
    const histogram = metrics.histogram({
      name: 'size',
      help: 'Size.',
      labels: { kind: ['a', 'b'] },
      buckets: [1],
      init: false,
    })
    const [a, b] = [histogram.series({ kind: 'a' }), histogram.series({ kind: 'b' })]
    a.observe(1)
    b.observe(1)
    metrics.registry.resetMetrics()
    b.observe(2)
    const text = await metrics.render()
    expect(text.match(/^size_.*$/gm)).toEqual([
      'size_bucket{kind="b",le="1"} 0',
      'size_bucket{kind="b",le="+Inf"} 1',
      'size_sum{kind="b"} 2',
      'size_count{kind="b"} 1',
    ])
  })
})
