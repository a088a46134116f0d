import type { Catalogue, Counter } from '@honoscope/core'
import { expectTypeOf } from 'vitest'
import { createMetrics, open } from './index.ts'

const metrics = createMetrics({ runtime: false })
expectTypeOf(metrics).toExtend<Catalogue>()

const calls = metrics.counter({
  name: 'calls_total',
  help: 'Calls.',
  labels: { result: ['valid', 'invalid'], table: open(5) },
})
calls.inc({ result: 'valid', table: 'anything' })
calls.inc({ result: 'invalid', table: 'anything' }, 2)
calls.series({ result: 'valid', table: 't' }).inc()
// @ts-expect-error: not one of the declared values
calls.inc({ result: 'nonsense', table: 't' })
// @ts-expect-error: a label is missing
calls.inc({ result: 'valid' })
// @ts-expect-error: a label that was not declared
calls.inc({ result: 'valid', table: 't', more: 'x' })
// @ts-expect-error: the labels are missing
calls.inc()
// @ts-expect-error: the labels are missing
calls.inc(2)

const plain = metrics.counter({ name: 'plain_total', help: 'Plain.' })
plain.inc()
plain.inc(2)
plain.series().inc(1, { traceId: 'a', spanId: 'b' })
expectTypeOf(plain).toEqualTypeOf<Counter<Record<never, never>>>()
// @ts-expect-error: it has no labels
plain.inc({ result: 'valid' })

const depth = metrics.gauge({
  name: 'depth',
  help: 'Depth.',
  labels: { queue: ['a', 'b'] },
  collect(gauge) {
    gauge.set({ queue: 'a' }, 1)
    // @ts-expect-error: not one of the declared values
    gauge.set({ queue: 'c' }, 1)
  },
})
depth.dec({ queue: 'b' })

const times = metrics.histogram({ name: 'times_seconds', help: 'Times.', labels: { kind: ['x'] }, buckets: [1, 2] })
times.observe({ kind: 'x' }, 0.5)
// @ts-expect-error: the value is missing
times.observe({ kind: 'x' })

metrics.http({ names: { requests: false }, labels: { duration: { path: 'route', app: { value: 'x' } } } })
// @ts-expect-error: no such source
metrics.http({ labels: { duration: { path: 'url' } } })
// @ts-expect-error: no such metric
metrics.http({ names: { latency: 'x' } })
