import type { Catalogue } from '@honoscope/core'
import { createTracing, type Tracing } from '@honoscope/tracing'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { version } from '../version.ts'

/** What tracing is made from. */
export interface TracingSource {
  readonly config: Pick<Config, 'tracingEnabled' | 'tracingEndpoint' | 'tracingSamplingRatio' | 'openTelemetry'>
  readonly nodeId: string
  readonly metrics: Catalogue
  readonly log: Log
}

/** Asked every few seconds by machines, for an answer that is a metric already: their traces would bury the others. */
const probes = ['/health/*', '/ready', '/metrics'] as const

/**
 * Returns tracing as `telemetry.tracing` has it: off by default, and nothing of OpenTelemetry's SDK is loaded then. The
 * variables of OpenTelemetry settle what those keys leave open, e.g. headers, limits and the size of batches.
 */
export function openTracing({ config, nodeId, metrics, log }: TracingSource): Promise<Tracing> {
  const { openTelemetry: env } = config
  return createTracing({
    enabled: config.tracingEnabled,
    env,
    serviceName: env.OTEL_SERVICE_NAME ?? 'tokmesh',
    resourceAttributes: { 'service.version': version, 'service.instance.id': nodeId },
    otlp: { endpoint: config.tracingEndpoint },
    sampler: 'parentbased_traceidratio',
    samplingRatio: config.tracingSamplingRatio,
    samplingRules: probes.map((route) => ({ route, sample: 'never' })),
    metrics,
    log: (message) => log('warn', 'tokmesh.tracing', message),
  })
}
