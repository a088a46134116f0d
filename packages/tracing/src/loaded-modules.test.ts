import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runtime } from '@honoscope/testing'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))

/**
 * Node tells of ES modules by a hook only, and of CommonJS ones by the cache of `require`; Bun has a registry of all.
 * What is loaded is printed at the end as one line of JSON.
 */
const hook = `
import { writeSync } from 'node:fs'
export async function load(url, context, next) {
  writeSync(2, 'loaded ' + url + '\\n')
  return next(url, context)
}`

const report = `
const known = globalThis.Loader
  ? [...globalThis.Loader.registry.keys()]
  : Object.keys((await import('node:module')).createRequire(process.cwd() + '/').cache)
for (const one of known) process.stderr.write('loaded ' + one + '\\n')`

/** Runs `code` in a process of its own, as a user of the package, and returns what was loaded by its end. */
async function loadedBy(code: string, env: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hook))})`
  const args =
    runtime === 'bun'
      ? ['--conditions=@honoscope/source', '-e', code + report]
      : ['--import', dataUrl(register), '--input-type=module', '-e', code + report]
  if (runtime === 'node' && !existsSync(`${folder}/dist/index.js`)) throw new Error('run npm run build first')
  const { PATH = '' } = process.env
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder, env: { PATH, ...env } })
  return stderr.split('\n').flatMap((line) => (line.startsWith('loaded ') ? [line.slice(7)] : []))
}

const dataUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`

const ofOpenTelemetry = (all: readonly string[]): readonly string[] =>
  all.filter((one) => one.includes('@opentelemetry'))

/** A service that uses all there is. */
const service = `
import { createTracing } from '@honoscope/tracing'
import { observe } from '@honoscope/core'
import { Hono } from 'hono'
const tracing = await createTracing({ serviceName: 'shop' })
const app = new Hono()
app.use(observe(tracing.http()))
app.get('/', async (c) => {
  await tracing.span('work', {}, async () => tracing.tracer.startSpan('inner').end())
  tracing.detach('later', () => undefined)
  await tracing.fetch('data:,hello')
  return c.text(String(tracing.context()))
})
if ((await app.request('/', { headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } })).status !== 200) throw new Error('failed')
await tracing.shutdown()
`

it('while off, nothing of OpenTelemetry is loaded, its API neither', async () => {
  const loaded = await loadedBy(service)
  // It was this package that was looked at.
  expect(loaded.some((one) => /tracing\/(dist|src)\/settings\.(js|ts)$/.test(one))).toBe(true)
  expect(ofOpenTelemetry(loaded)).toEqual([])
  expect(loaded.filter((one) => /tracing\/(dist|src)\/(provider|exporter)/.test(one))).toEqual([])
})

it('while on, the SDK is, and is seen by this test', async () => {
  const loaded = ofOpenTelemetry(await loadedBy(service, { OTEL_TRACES_EXPORTER: 'console', OTEL_ENABLED: 'true' }))
  expect(loaded.some((one) => one.includes('@opentelemetry/sdk-trace/'))).toBe(true)
  expect(loaded.some((one) => one.includes('@opentelemetry/api/'))).toBe(true)
  // JSON needs no protobuf.
  expect(loaded.filter((one) => one.includes('otlp'))).toEqual([])
})
