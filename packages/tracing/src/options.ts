import type { Catalogue } from '@honoscope/core'
import type { Attributes, TracerProvider } from '@opentelemetry/api'
import type { SpanExporter, SpanLimits } from '@opentelemetry/sdk-trace'
import type { PropagatorName } from './engine.ts'
import type { RequestTracingOptions } from './request-tracing.ts'

/** @see SamplerName */
export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** Exporters that have a name. */
export const exporterNames = ['otlp', 'console', 'none'] as const

/** @see OtlpOptions.compression */
export const compressions = ['gzip', 'none'] as const

/** @see OtlpOptions.protocol */
export const protocols = ['http/json', 'http/protobuf'] as const

/** Environment variables by name. Empty is unset. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The six samplers that the specification names. */
export type SamplerName = (typeof samplerNames)[number]

/** What becomes of the requests of one route. The first rule that fits a request counts. */
export interface SamplingRule {
  /** Template as Hono has it, e.g. `/users/:id`, or the start of one and a star: `/health/*`, which `/health` fits too. */
  readonly route: string
  /** Default: every method. */
  readonly method?: string
  /**
   * `always` and `never` hold whatever the caller decided, and `never` is not kept for an error either. A ratio from 0
   * to 1 is for requests that begin a trace; others follow their caller, when the sampler is parent-based.
   */
  readonly sample: 'always' | 'never' | number
}

/** Which unsampled requests are exported after all, once it is known how they ended. */
export interface KeepOptions {
  /** Those whose server span has the status `error`. Default: true. */
  readonly errors?: boolean
  /** Those that took longer than so many milliseconds, above 0. Default: none. */
  readonly slowerThanMs?: number
  /** Most requests that are recorded at the same time, from 1. The oldest make room. Default: 1000. */
  readonly maxTraces?: number
  /** Most spans that are recorded of one request, from 1. Default: 100. */
  readonly maxSpansPerTrace?: number
}

/** How spans reach a collector: OTLP over HTTP. */
export interface OtlpOptions {
  /** Base URL; `v1/traces` is appended. Turns tracing on. Default: `OTEL_EXPORTER_OTLP_ENDPOINT`, else `http://localhost:4318`. */
  readonly endpoint?: string
  /** The whole URL, used as it is. Turns tracing on. Default: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, else by `endpoint`. */
  readonly url?: string
  /** Sent along, e.g. credentials; each wins over the variable's header of its name. Default: `OTEL_EXPORTER_OTLP_HEADERS`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds that one attempt may take, from 1. Default: `OTEL_EXPORTER_OTLP_TIMEOUT`, else 10,000. */
  readonly timeoutMs?: number
  /** Default: `OTEL_EXPORTER_OTLP_COMPRESSION`, else `none`. */
  readonly compression?: (typeof compressions)[number]
  /** Default: `OTEL_EXPORTER_OTLP_PROTOCOL`, else `http/json`. */
  readonly protocol?: (typeof protocols)[number]
}

/** When spans are exported, and how many may wait. */
export interface BatchOptions {
  /** Most spans that wait or are being sent, from 1; more are dropped and counted. Default: `OTEL_BSP_MAX_QUEUE_SIZE`, else 2048. */
  readonly maxQueueSize?: number
  /** Spans in one export, from 1 to `maxQueueSize`. Default: `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, else 512. */
  readonly maxExportBatchSize?: number
  /** Milliseconds that a span waits for a batch to fill, from 0. Default: `OTEL_BSP_SCHEDULE_DELAY`, else 5000. */
  readonly scheduleDelayMs?: number
  /** Milliseconds after which an export is given up, from 1. Default: `OTEL_BSP_EXPORT_TIMEOUT`, else 30,000. */
  readonly exportTimeoutMs?: number
}

/** A provider of the API's; those of the SDKs can be flushed too. */
export interface OwnProvider extends TracerProvider {
  forceFlush?(): Promise<void>
}

/** What `createTracing` takes. Each wins over its variable of the environment; a wrong one throws a `TypeError` that names it. */
export interface TracingOptions extends RequestTracingOptions {
  /** Turns tracing on or off, whatever the environment says but for `OTEL_SDK_DISABLED=true`. Default: by the environment. */
  readonly enabled?: boolean
  /** `service.name` of the resource. Default: `OTEL_SERVICE_NAME`, else `unknown_service`. */
  readonly serviceName?: string
  /** Further attributes of the resource, e.g. `service.version`. Each wins over the one of `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes?: Attributes
  /** Where the `OTEL_*` variables are read. Default: `process.env`, where there is one. */
  readonly env?: Environment
  /** Told of malformed variables at the start, and of failing exports at most once a minute. No secret in it. Default: nobody. */
  readonly log?: (message: string) => void
  /** Default: `OTEL_TRACES_SAMPLER`, else `parentbased_traceidratio`. */
  readonly sampler?: SamplerName
  /** Share of the traces that are sampled, 0 to 1, for the two ratio samplers. Default: `OTEL_TRACES_SAMPLER_ARG`, else 1. */
  readonly samplingRatio?: number
  /** Routes that are sampled otherwise. Default: none. */
  readonly samplingRules?: readonly SamplingRule[]
  /** Exports unsampled requests that turn out to have failed or been slow; recording them costs as much as sampling them. Default: none. */
  readonly keep?: KeepOptions
  /** Header formats of contexts. Default: `OTEL_PROPAGATORS`, else both. */
  readonly propagators?: readonly PropagatorName[]
  /** Where spans go: a name, or an exporter of your own. Turns tracing on, but for `none`. Default: `OTEL_TRACES_EXPORTER`, else `otlp`. */
  readonly exporter?: (typeof exporterNames)[number] | SpanExporter
  readonly otlp?: OtlpOptions
  readonly batch?: BatchOptions
  /** Default: `OTEL_SPAN_*_LIMIT` and `OTEL_ATTRIBUTE_*_LIMIT`, else 128 of each kind, of any length. */
  readonly limits?: SpanLimits
  /** Takes a line of JSON for each span that the exporter `console` writes. Default: `console.log`. */
  readonly write?: (line: string) => void
  /** Gets the self-telemetry, `otel_sdk_*`. Default: none. */
  readonly metrics?: Catalogue
  /**
   * A provider of your own, of SDK 2 or 3. Turns tracing on; sampling, limits and export are its business then, and
   * `shutdown()` only flushes it. Default: one made from these options.
   */
  readonly provider?: OwnProvider
}
