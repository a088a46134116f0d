import type { Engine } from './engine.ts'
import type { TracingOptions } from './options.ts'
import { createRequestTracing, type RequestTracing } from './request-tracing.ts'
import { readSettings } from './settings.ts'

/** Traces, on or off. */
export interface Tracing extends RequestTracing {
  /** Whether anything is traced. False: nothing of OpenTelemetry has been loaded, and everything here costs nothing. */
  readonly enabled: boolean
  /** Exports what waits. Never rejects; `false` when something was not exported within `timeoutMs`. Default: 5000. */
  flush(timeoutMs?: number): Promise<boolean>
  /** Exports what waits and stops. Never rejects; `false` as for `flush`. Twice is once. Default: 5000. */
  shutdown(timeoutMs?: number): Promise<boolean>
}

/**
 * Returns what traces a service, off unless an option or the environment turns it on.
 *
 * @throws TypeError (the promise rejects) for a wrong option, by its name.
 *
 * @example
 * ```ts
 * import { observe } from '@honoscope/core'
 * import { createTracing } from '@honoscope/tracing'
 * import { Hono } from 'hono'
 *
 * const tracing = await createTracing({ serviceName: 'shop' })
 * const app = new Hono()
 * app.use(observe(tracing.http()))
 * ```
 */
export async function createTracing(options: TracingOptions = {}): Promise<Tracing> {
  const engine = await start(options)
  return {
    enabled: engine !== undefined,
    ...createRequestTracing(engine, options),
    flush: async (timeoutMs = 5000) => engine?.flush(timeoutMs) ?? true,
    shutdown: async (timeoutMs = 5000) => engine?.shutdown(timeoutMs) ?? true,
  }
}

/** Loads the SDK, if it is wanted. */
async function start(options: TracingOptions): Promise<Engine | undefined> {
  const settings = readSettings(options)
  if (settings === undefined) return undefined
  const { createEngine } = await import('./provider.ts')
  return createEngine(settings, options)
}
