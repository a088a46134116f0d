import type { Attributes } from '@opentelemetry/api'
import type { SpanLimits } from '@opentelemetry/sdk-trace'
import type { PropagatorName } from './engine.ts'
import { createReader, type Reader } from './environment.ts'
import {
  type BatchOptions,
  type Environment,
  exporterNames,
  type SamplerName,
  samplerNames,
  type TracingOptions,
} from './options.ts'
import { checkOptions } from './options-check.ts'
import { type OtlpSettings, readOtlp } from './settings-otlp.ts'

/** The options with the environment and the defaults filled in. */
export interface Settings {
  readonly resource: Attributes
  readonly propagators: readonly PropagatorName[]
  readonly sampler: SamplerName
  readonly ratio: number
  readonly exporter: NonNullable<TracingOptions['exporter']>
  readonly otlp: OtlpSettings
  readonly batch: Required<BatchOptions>
  readonly limits: Required<SpanLimits>
}

/**
 * Returns what tracing is to do, or `undefined` when it is to do nothing. It loads nothing.
 *
 * @throws TypeError for a wrong option.
 */
export function readSettings(options: TracingOptions): Settings | undefined {
  checkOptions(options)
  const env = createReader(options.env ?? ambient(), options.log ?? (() => undefined))
  return isOn(options, env) ? settle(options, env) : undefined
}

/** `process.env`, where the runtime has one. */
function ambient(): Environment {
  return globalThis.process?.env ?? {}
}

function isOn(options: TracingOptions, env: Reader): boolean {
  if (env.flag('OTEL_SDK_DISABLED')) return false
  const asked = options.enabled ?? env.flag('OTEL_ENABLED')
  if (asked !== undefined) return asked
  if (options.provider) return true
  const exporter = options.exporter ?? env.choices('OTEL_TRACES_EXPORTER', exporterNames)?.[0]
  if (exporter !== undefined) return exporter !== 'none'
  const { endpoint, url } = options.otlp ?? {}
  return [endpoint, url, env.url('OTEL_EXPORTER_OTLP_ENDPOINT'), env.url('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')].some(
    (one) => one !== undefined,
  )
}

function settle(options: TracingOptions, env: Reader): Settings {
  return {
    resource: readResource(options, env),
    propagators: options.propagators ?? readPropagators(env),
    sampler: options.sampler ?? env.choice('OTEL_TRACES_SAMPLER', samplerNames) ?? 'parentbased_traceidratio',
    ratio: options.samplingRatio ?? env.ratio('OTEL_TRACES_SAMPLER_ARG') ?? 1,
    exporter: options.exporter ?? env.choices('OTEL_TRACES_EXPORTER', exporterNames)?.[0] ?? 'otlp',
    otlp: readOtlp(options.otlp ?? {}, env),
    batch: readBatch(options.batch ?? {}, env),
    limits: readLimits(options.limits ?? {}, env),
  }
}

function readResource(options: TracingOptions, env: Reader): Attributes {
  const listed = env.pairs('OTEL_RESOURCE_ATTRIBUTES') ?? {}
  const given = options.resourceAttributes ?? {}
  const name =
    options.serviceName ??
    given['service.name'] ??
    env.text('OTEL_SERVICE_NAME') ??
    listed['service.name'] ??
    'unknown_service'
  return {
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    ...listed,
    ...given,
    'service.name': name,
  }
}

function readPropagators(env: Reader): readonly PropagatorName[] {
  const names = env.choices('OTEL_PROPAGATORS', ['tracecontext', 'baggage', 'none'])
  if (names === undefined) return ['tracecontext', 'baggage']
  return names.filter((name) => name !== 'none')
}

function readBatch(given: BatchOptions, env: Reader): Required<BatchOptions> {
  const maxQueueSize = given.maxQueueSize ?? env.count('OTEL_BSP_MAX_QUEUE_SIZE', 1) ?? 2048
  const size = given.maxExportBatchSize ?? env.count('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 1) ?? 512
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(size, maxQueueSize),
    scheduleDelayMs: given.scheduleDelayMs ?? env.delay('OTEL_BSP_SCHEDULE_DELAY', 0) ?? 5000,
    exportTimeoutMs: given.exportTimeoutMs ?? env.delay('OTEL_BSP_EXPORT_TIMEOUT', 1) ?? 30_000,
  }
}

function readLimits(given: SpanLimits, env: Reader): Required<SpanLimits> {
  const count = env.count('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT') ?? env.count('OTEL_ATTRIBUTE_COUNT_LIMIT')
  const length = env.count('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT') ?? env.count('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT')
  return {
    attributeCountLimit: given.attributeCountLimit ?? count ?? 128,
    attributeValueLengthLimit: given.attributeValueLengthLimit ?? length ?? Number.POSITIVE_INFINITY,
    eventCountLimit: given.eventCountLimit ?? env.count('OTEL_SPAN_EVENT_COUNT_LIMIT') ?? 128,
    linkCountLimit: given.linkCountLimit ?? env.count('OTEL_SPAN_LINK_COUNT_LIMIT') ?? 128,
    attributePerEventCountLimit:
      given.attributePerEventCountLimit ?? env.count('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT') ?? 128,
    attributePerLinkCountLimit: given.attributePerLinkCountLimit ?? env.count('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT') ?? 128,
  }
}
