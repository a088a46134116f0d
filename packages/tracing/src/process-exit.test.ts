import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runtime } from '@honoscope/testing'
import { type OtlpReceiver, startOtlpReceiver } from '@honoscope/testing/otlp-receiver'
import { afterEach, beforeEach, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))
let to: OtlpReceiver

beforeEach(async () => {
  to = await startOtlpReceiver()
})
afterEach(() => to.stop())

/** Runs `code` in a process of its own, and returns what it wrote and how long it took, in milliseconds. */
async function run(code: string, env: Readonly<Record<string, string>> = {}) {
  const args = runtime === 'bun' ? ['--conditions=@honoscope/source', '-e', code] : ['--input-type=module', '-e', code]
  if (runtime === 'node' && !existsSync(`${folder}/dist/index.js`)) throw new Error('run npm run build first')
  const { PATH = '' } = process.env
  const startedAt = performance.now()
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: folder,
    env: { PATH, OTEL_EXPORTER_OTLP_ENDPOINT: to.endpoint, ...env },
  })
  return { stdout, stderr, durationMs: performance.now() - startedAt }
}

const work = `
import { createTracing } from '@honoscope/tracing'
const tracing = await createTracing({ serviceName: 'shop' })
tracing.tracer.startSpan('work').end()
`

it('a process does not stay for a span that waits', async () => {
  const { durationMs } = await run(work, { OTEL_BSP_SCHEDULE_DELAY: '60000' })
  expect(durationMs).toBeLessThan(10_000)
  expect(to.requests).toHaveLength(0)
})

it('a process does not stay for an answer that never comes, nor for the attempt after it', async () => {
  await to.mode('hang')
  const env = { OTEL_BSP_SCHEDULE_DELAY: '0', OTEL_EXPORTER_OTLP_TIMEOUT: '60000' }
  const hanging = await run(`${work}; await new Promise((resolve) => setTimeout(resolve, 300))`, env)
  expect(to.requests).toHaveLength(1)
  expect(hanging.durationMs).toBeLessThan(10_000)
  await to.mode({ status: 503, retryAfter: 60 })
  const waiting = await run(`${work}; await new Promise((resolve) => setTimeout(resolve, 300))`, env)
  expect(to.requests).toHaveLength(2)
  expect(waiting.durationMs).toBeLessThan(10_000)
})

it('a process stays until a shutdown that somebody awaits is over', async () => {
  await to.mode({ delayMs: 500 })
  const { stdout } = await run(`${work}; console.log(await tracing.shutdown(5000))`)
  expect(stdout).toBe('true\n')
  expect(to.spans.map(({ name }) => name)).toEqual(['work'])
})

it('a process does not stay for the rest of the time when a flush has failed at once', async () => {
  const { stdout, durationMs } = await run(`
    import { createTracing } from '@honoscope/tracing'
    const provider = { getTracer: () => ({}), forceFlush: () => Promise.reject(new Error('no')) }
    console.log(await (await createTracing({ provider })).flush(60_000))`)
  expect(stdout).toBe('false\n')
  expect(durationMs).toBeLessThan(10_000)
})

it('writes nothing by itself, whatever goes wrong', async () => {
  await to.mode('refuse')
  const env = { OTEL_BSP_SCHEDULE_DELAY: 'soon', OTEL_TRACES_SAMPLER: 'never', OTEL_LOG_LEVEL: 'debug' }
  const { stdout, stderr } = await run(`${work}; await tracing.shutdown(500)`, env)
  expect([stdout, stderr]).toEqual(['', ''])
})
