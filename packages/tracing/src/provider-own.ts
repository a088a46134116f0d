import * as api from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Engine } from './engine.ts'
import { within } from './exporter-attempt.ts'
import type { OwnProvider } from './options.ts'
import type { Settings } from './settings.ts'

/**
 * Returns an engine on a provider of the user's. Its sampler can't be asked beforehand, so every request gets a span
 * that the provider may leave unrecorded; its trace ids are its own; and it is the user's to shut down.
 */
export function createOwnEngine(provider: OwnProvider, settings: Settings, scope: InstrumentationScope): Engine {
  const flush = (timeoutMs: number): Promise<boolean> =>
    within(
      Promise.resolve()
        .then(() => provider.forceFlush?.())
        .then(() => true),
      timeoutMs,
    )
  return {
    api,
    tracer: provider.getTracer(scope.name, scope.version),
    propagators: settings.propagators,
    decide: () => 'sample',
    newTraceId: () => randomHex(16),
    newSpanId: () => randomHex(8),
    useTraceId: () => undefined,
    flush,
    shutdown: flush,
  }
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex')
}
