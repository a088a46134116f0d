import { Gauge, Histogram as PromHistogram } from 'prom-client'
import { expect, it } from 'vitest'
import { open } from './labels.ts'
import { createMetrics } from './metrics.ts'

it('describes every metric, whether it has a series yet or not, with values, bounds and those of prom-client', () => {
  const metrics = createMetrics({ prefix: 'shop_', runtime: false })
  metrics.counter({ name: 'orders_total', help: 'Orders.', labels: { kind: ['new', 'repeat'], country: open(50) } })
  metrics.histogram({ name: 'wait_seconds', help: 'Waits.', buckets: [0.1, 1, Number.POSITIVE_INFINITY] })
  const registers = [metrics.registry]
  new Gauge({ name: 'queue_jobs', help: 'Jobs.', labelNames: ['queue'], registers })
  new PromHistogram({ name: 'their_seconds', help: 'Theirs.', buckets: [1, 2], registers })
  const described = metrics.describe()
  expect(described).toMatchObject({
    shop_orders_total: {
      type: 'counter',
      help: 'Orders.',
      labels: { kind: ['new', 'repeat'], country: 'open' },
    },
    shop_wait_seconds: { type: 'histogram', help: 'Waits.', labels: {}, buckets: [0.1, 1] },
    queue_jobs: { type: 'gauge', help: 'Jobs.', labels: { queue: 'open' } },
    their_seconds: { type: 'histogram', help: 'Theirs.', labels: {}, buckets: [1, 2] },
    honoscope_series: { type: 'gauge', labels: { metric: 'open' } },
  })
  expect(described.shop_orders_total).not.toHaveProperty('buckets')
})
