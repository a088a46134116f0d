import type { Catalogue } from '@honoscope/core'
import type { Attributes, TracerProvider } from '@opentelemetry/api'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { PropagatorName } from './engine.ts'

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

/** What `createTracing` takes. Each wins over its variable of the environment; a wrong one throws a `TypeError` that names it. */
export interface TracingOptions {
  /** Turns tracing on or off, whatever the environment says but for `OTEL_SDK_DISABLED=true`. Default: by the environment. */
  readonly enabled?: boolean
  /** `service.name` of the resource. Default: `OTEL_SERVICE_NAME`, else `unknown_service`. */
  readonly serviceName?: string
  /** Further attributes of the resource, e.g. `service.version`. Default: `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes?: Attributes
  /** Where the `OTEL_*` variables are read. Default: `process.env`, where there is one. */
  readonly env?: Environment
  /** Told of malformed variables at the start, and of failing exports at most once a minute. No secret in it. Default: nobody. */
  readonly log?: (message: string) => void
  /** A provider of your own, of any SDK: sampling, limits and export are its business then. Default: one made from these options. */
  readonly provider?: TracerProvider
  /** Default: `OTEL_PROPAGATORS`, else both. */
  readonly propagators?: readonly PropagatorName[]
  /** Gets the self-telemetry, `otel_sdk_*`. Default: none. */
  readonly metrics?: Catalogue
  /** Where spans go. Default: `OTEL_TRACES_EXPORTER`, else `otlp`. */
  readonly exporter?: 'otlp' | 'console' | 'none' | SpanExporter
}
