/** The default: nothing is traced, and nothing of what tracing needs is loaded. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runtime } from '@honoscope/testing'
import { expect, it } from 'vitest'

const folder = runtime === 'bun' ? '..' : '../../dist'
const suffix = runtime === 'bun' ? 'ts' : 'js'
const address = (name: string): string => new URL(`${folder}/${name}.${suffix}`, import.meta.url).href

/** Node tells of ES modules by a hook only, and of CommonJS ones by the cache of `require`; Bun has a registry of all. */
const hook = `export async function load(url, context, next) {
  process._rawDebug('loaded ' + url)
  return next(url, context)
}`
const dataUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`
const register = dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hook))})`)

/** What a service has loaded when it has answered a request and is closed again. */
async function loadedWith(environment: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const code = `
const { readConfig } = await import('${address('config')}')
const { createLog } = await import('${address('log')}')
const { createService } = await import('${address('service')}')
const { config } = readConfig({ DATABASE_URL: 'postgres://127.0.0.1:9/nobody', ...${JSON.stringify(environment)} })
const service = await createService({ config, log: createLog({ write() {} }), print() {} })
if ((await service.app.request('/health')).status !== 200) throw new Error('not healthy')
await service.close()
const known = globalThis.Loader
  ? [...globalThis.Loader.registry.keys()]
  : Object.keys((await import('node:module')).createRequire(process.cwd() + '/').cache)
for (const one of known) process.stderr.write('loaded ' + one + '\\n')`
  const args =
    runtime === 'bun'
      ? ['--conditions=@honoscope/source', '-e', code]
      : ['--import', register, '--input-type=module', '-e', code]
  const options = { cwd: fileURLToPath(new URL('../..', import.meta.url)), env: { PATH: process.env.PATH ?? '' } }
  const { stderr } = await promisify(execFile)(process.execPath, args, { ...options, maxBuffer: 16 * 1024 ** 2 })
  return stderr.split('\n').flatMap((line) => (line.startsWith('loaded ') ? [line.slice(7)] : []))
}

/** prom-client loads the API by itself, which is a facade of some kilobytes and does nothing. */
const ofOpenTelemetry = (all: readonly string[]): readonly string[] =>
  all.filter((one) => one.includes('@opentelemetry/') && !one.includes('@opentelemetry/api/'))

it('a service that is not traced loads nothing of the SDK, whatever OTEL_* says', async () => {
  const loaded = await loadedWith({ OTEL_ENABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  expect(loaded.some((one) => /tracing\/(dist|src)\/tracing\.(js|ts)$/.test(one))).toBe(true)
  expect(ofOpenTelemetry(loaded)).toEqual([])
  expect(loaded.filter((one) => /tracing\/(dist|src)\/(provider|exporter)/.test(one))).toEqual([])
})

it('a service that is traced loads it, and this test sees that', async () => {
  const loaded = await loadedWith({
    TOKMESH_TELEMETRY_TRACING_ENABLED: 'true',
    TOKMESH_TELEMETRY_TRACING_ENDPOINT: 'http://127.0.0.1:9',
  })
  expect(ofOpenTelemetry(loaded).some((one) => one.includes('@opentelemetry/sdk-trace/'))).toBe(true)
})
