import { runInScope } from '@honoscope/core'
import { createMetrics } from '@honoscope/metrics'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { incAICallCount, metricsHandler, useMetrics } from './index.ts'
import { createTarget } from './target.ts'

const line = (count: number): string => `iac_ai_call_total{capability="nlq",status="success"} ${count}\n`

// With a target of its own, for what happens before the first `useMetrics()` of a process happens once.
it('records into a registry of its own until an app takes it over with all that is in it', async () => {
  const target = createTarget()
  const call = () => target.current().aiCalls(1, 'nlq', 'success')
  call()
  const first = createMetrics({ prefix: 'first_', runtime: false })
  target.use(first)
  call()
  expect(await first.render()).toContain(line(2))
})

it('gives each app a set of its own, and the same one again', async () => {
  const app = new Hono().get('/metrics', metricsHandler())
  const served = async (): Promise<string> => (await app.request('/metrics')).text()
  const first = createMetrics({ prefix: 'first_', runtime: false })
  useMetrics(createMetrics({ runtime: false }))
  useMetrics(first)
  incAICallCount('nlq', 'success')
  expect(await first.render()).toContain(line(1))
  expect(await first.render({ openMetrics: true })).toContain(line(1))
  expect(await first.registry.metrics()).toContain(line(1))
  expect(await served()).toContain(line(1))

  const second = createMetrics({ runtime: false })
  useMetrics(second)
  expect(await second.render()).not.toContain('success')
  for (let i = 0; i < 3; i++) incAICallCount('nlq', 'success')
  expect(await second.render()).toContain(line(3))
  expect(await first.render()).toContain(line(1))
  expect(await served()).toContain(line(3))

  useMetrics(first)
  useMetrics(first)
  incAICallCount('nlq', 'success')
  expect(await first.render()).toContain(line(2))
})

it('refuses at once what has no registry, and a registry in which a name is taken, and stays as it was', async () => {
  expect(() => useMetrics({} as never)).toThrow(new TypeError('useMetrics: metrics must come from createMetrics()'))
  expect(() => useMetrics(undefined as never)).toThrow(TypeError)
  const metrics = createMetrics({ runtime: false })
  metrics.counter({ name: 'iac_ai_tokens_total', help: 'Taken.' })
  expect(() => useMetrics(metrics)).toThrow('useMetrics: there is a metric iac_ai_tokens_total already')
  expect(await metrics.render()).not.toContain('iac_ai_call')
  expect(() => incAICallCount('nlq', 'success')).not.toThrow()
})

it('keeps the app from making a metric of the same name afterwards', () => {
  const metrics = createMetrics({ runtime: false })
  useMetrics(metrics)
  expect(() => metrics.counter({ name: 'iac_ai_call_total', help: 'Mine.' })).toThrow(/iac_ai_call_total/)
})

it('points exemplars to the sampled span around a call', async () => {
  const metrics = createMetrics({ runtime: false })
  useMetrics(metrics)
  const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true }
  runInScope({ exchange: undefined, span: { ...span, sampled: false } }, () => incAICallCount('nlq', 'blocked'))
  runInScope({ exchange: undefined, span }, () => incAICallCount('nlq', 'success'))
  const text = await metrics.render({ openMetrics: true })
  expect(text).toMatch(
    /status="success"\} 1 # \{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"\}/,
  )
  expect(text).toMatch(/status="blocked"\} 1\n/)
})
