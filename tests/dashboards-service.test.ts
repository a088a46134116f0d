/** The dashboards of a service and of AI calls have data from an app that uses the packages as their READMEs say. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ai from '@honoscope/ai-metrics-compat'
import { createChat2SqlMetrics } from '@honoscope/ai-metrics-compat/chat2sql'
import { instrumentFetch } from '@honoscope/ai-metrics-compat/genai'
import { createIacMetrics } from '@honoscope/ai-metrics-compat/iac'
import { observe } from '@honoscope/core'
import { createMetrics } from '@honoscope/metrics'
import { serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conversations, requestOf } from '../packages/ai-metrics-compat/test/genai/conversations.ts'
import { emptyPanels } from './support/dashboard-queries.ts'
import { configuration, eventually, hasPrometheus, type Prometheus, startPrometheus } from './support/prometheus.ts'

const skipped = hasPrometheus ? '' : ' (skipped: prometheus is not installed)'

/** One of each thing that the AI packages record. */
function recordAi(metrics: ReturnType<typeof createMetrics>) {
  ai.useMetrics(metrics)
  const iac = createIacMetrics(metrics)
  const chat = createChat2SqlMetrics(metrics)
  return () => {
    ai.recordAICallDuration('form_generation', 'total', 120)
    ai.recordVectorSearchDuration('vm', 'total', 12)
    ai.recordSkillAssemblyDuration('form_generation', 3, 2)
    ai.recordParallelExecutionDuration('cmdb', 'success', 80)
    ai.recordDomainSkillSelection(2, 'keyword', 1)
    ai.recordCMDBAssessment(true, 1, 'keyword', 4)
    ai.incAICallCount('form_generation', 'success')
    ai.incVectorSearchCount('vm', true)
    ai.incCMDBQueryCount('vm', true, 2)
    ai.setActiveParallelTasks(1)
    ai.recordAITokens('ollama', 'input', 812)
    iac.taskCompleted('plan', 'success', 12.5)
    iac.driftDetected()
    iac.agentConnections('pool-1', 'connected', 2)
    iac.taskDispatched('pool-1')
    iac.taskFinished('pool-1', 'success')
    iac.login('password', 'success')
    iac.tokenIssued('access')
    chat.recordSqlQuery('select', 'success', 0.2)
    chat.recordAiInference('gpt-4o', 'openai', 1.2)
    chat.updateAiAccuracy('gpt-4o', '1h', 0.93)
    chat.updateDatabaseConnections('sales', 'main', 3)
    chat.updateCacheHitRate('query', 'main', 0.5)
  }
}

/** Calls of a model that answers in a stream, and of one that fails. */
function modelCalls(metrics: ReturnType<typeof createMetrics>): () => Promise<void> {
  const streamed = conversations.find(({ name }) => name === 'openai chat completions, streamed')
  if (!streamed) throw new Error('the conversation is gone')
  let n = 0
  const base = async (_url: string, _init: RequestInit) => {
    n += 1
    const events = streamed.response.split(/(?<=\n\n)/)
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const event = events.shift()
        await new Promise((resolve) => setTimeout(resolve, 1))
        if (event === undefined) controller.close()
        else controller.enqueue(new TextEncoder().encode(event))
      },
    })
    if (n % 2 === 0) return Response.json({ error: { message: 'busy' } }, { status: 503 })
    return new Response(body, { headers: { 'Content-Type': streamed.contentType } })
  }
  const fetch = instrumentFetch(base, { metrics, prices: { 'gpt-4o': { input: 1, output: 2 } } })
  return async () => {
    await (await fetch(`https://api.openai.com${streamed.path}`, requestOf(streamed))).text()
  }
}

describe.skipIf(!hasPrometheus)(`a Prometheus that scrapes a service${skipped}`, () => {
  const cleanUp: (() => Promise<unknown>)[] = []
  let prometheus: Prometheus

  beforeAll(async () => {
    const metrics = createMetrics()
    const record = recordAi(metrics)
    const call = modelCalls(metrics)
    const app = new Hono()
    app.use(observe(metrics.http()))
    app.get('/metrics', metrics.handler)
    app.post('/orders', async (c) => c.json({ bytes: (await c.req.text()).length }))
    app.get('/broken', (c) => c.text('no', 500))
    app.get('/refused', (c) => c.text('no', 403))
    const served = await serve(app.fetch)
    cleanUp.push(served.stop, async () => metrics.close())
    const folder = await mkdtemp(join(tmpdir(), 'honoscope-dashboards-'))
    cleanUp.push(() => rm(folder, { recursive: true, force: true }))
    const keyFile = join(folder, 'key')
    await writeFile(keyFile, 'none')
    prometheus = await startPrometheus(folder, configuration({ shop: { url: served.url, keyFile } }))
    cleanUp.push(prometheus.stop)
    await eventually(
      () => prometheus.query('up'),
      (samples) => samples[0]?.value[1] === '1',
    )
    for (const until = performance.now() + 6000; performance.now() < until; ) {
      record()
      await call()
      await fetch(`${served.url}/orders`, { method: 'POST', body: 'one of each' })
      for (const path of ['/broken', '/refused']) await fetch(`${served.url}${path}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step().catch(() => {})
  })

  it('has data for every panel of service', async () => {
    expect(await emptyPanels(prometheus, 'service')).toEqual([])
  })

  it('has data for every panel of ai', async () => {
    expect(await emptyPanels(prometheus, 'ai')).toEqual([])
  })
})
