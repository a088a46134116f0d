import type { Catalogue } from '@honoscope/core'
import type { Attributes, TracerProvider } from '@opentelemetry/api'
import type { SpanExporter, SpanLimits } from '@opentelemetry/sdk-trace'
import type { PropagatorName } from './engine.ts'
import type { RequestTracingOptions } from './request-tracing.ts'

/** Environment variables by name. Empty is unset. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The six samplers that the specification names. */
export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio'

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
  readonly compression?: 'gzip' | 'none'
  /** Default: `OTEL_EXPORTER_OTLP_PROTOCOL`, else `http/json`. */
  readonly protocol?: 'http/json' | 'http/protobuf'
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
  readonly exporter?: 'otlp' | 'console' | 'none' | SpanExporter
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
  readonly provider?: TracerProvider
}

/** Longest delay that `setTimeout` keeps; a longer one fires at once. */
export const maxDelayMs: number = 2 ** 31 - 1

/** Throws a `TypeError` that names the first wrong option. */
export function checkOptions(options: TracingOptions): void {
  const { otlp = {}, batch = {}, keep = {} } = options
  number('samplingRatio', options.samplingRatio, 0, 1)
  number('otlp.timeoutMs', otlp.timeoutMs, 1, maxDelayMs)
  number('keep.slowerThanMs', keep.slowerThanMs, Number.MIN_VALUE, Number.MAX_VALUE)
  whole('keep.maxTraces', keep.maxTraces, 1)
  whole('keep.maxSpansPerTrace', keep.maxSpansPerTrace, 1)
  whole('batch.maxQueueSize', batch.maxQueueSize, 1)
  whole('batch.maxExportBatchSize', batch.maxExportBatchSize, 1)
  number('batch.scheduleDelayMs', batch.scheduleDelayMs, 0, maxDelayMs)
  number('batch.exportTimeoutMs', batch.exportTimeoutMs, 1, maxDelayMs)
  for (const [name, limit] of Object.entries(options.limits ?? {})) {
    if (limit !== Number.POSITIVE_INFINITY) whole(`limits.${name}`, limit, 0)
  }
  options.samplingRules?.forEach(checkRule)
  if (options.provider !== undefined && typeof options.provider?.getTracer !== 'function') {
    throw new TypeError('tracing: provider must have a getTracer function')
  }
}

function checkRule(rule: SamplingRule, index: number): void {
  const at = `samplingRules[${index}]`
  if (typeof rule.route !== 'string' || !/^\/[^*]*\*?$|^\*$|^unmatched$/.test(rule.route)) {
    throw new TypeError(`tracing: ${at}.route must be a template, with a star at its end if any, got ${rule.route}`)
  }
  if (rule.sample === 'always' || rule.sample === 'never') return
  if (rule.sample === undefined) throw new TypeError(`tracing: ${at}.sample must be always, never or a ratio`)
  number(`${at}.sample`, rule.sample, 0, 1)
}

function number(name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) return
  throw new TypeError(`tracing: ${name} must be a number from ${min} to ${max}, got ${String(value)}`)
}

function whole(name: string, value: number | undefined, min: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= min)) return
  throw new TypeError(`tracing: ${name} must be a whole number from ${min}, got ${String(value)}`)
}
