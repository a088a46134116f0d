import { createMetrics } from '@honoscope/metrics'
import { samplesOf } from '@honoscope/testing'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { boundMatcher } from './bound-matcher.ts'

const buckets = [0.00001, 0.1, 1, 2.5, 4096, 1048576]

it('matches what @honoscope/metrics writes, in both formats', async () => {
  const metrics = createMetrics({ runtime: false })
  metrics.histogram({ name: 'size', help: 'A size.', labels: {}, buckets }).observe(1)
  const app = new Hono().get('/metrics', metrics.handler)
  for (const accept of ['text/plain', 'application/openmetrics-text']) {
    const text = await (await app.request('/metrics', { headers: { accept } })).text()
    const bounds = samplesOf(text).flatMap(({ name, labels }) => (name === 'size_bucket' ? [labels.le ?? ''] : []))
    expect(bounds).toHaveLength(buckets.length + 1)
    const matched = buckets.map((bound) => bounds.filter((le) => matches(boundMatcher(bound), le)))
    expect(matched).toEqual(bounds.slice(0, -1).map((le) => [le]))
  }
  metrics.close()
})

it('is an equality where both agree', () => {
  expect([0.1, 1, 4096, 1048576].map(boundMatcher)).toEqual([
    '0.1',
    { operator: '=~', value: '1|1\\.0' },
    { operator: '=~', value: '4096|4096\\.0' },
    { operator: '=~', value: '1048576|1\\.048576e\\+06' },
  ])
})

const matches = (matcher: ReturnType<typeof boundMatcher>, le: string) =>
  typeof matcher === 'string' ? matcher === le : new RegExp(`^(${matcher.value})$`).test(le)
