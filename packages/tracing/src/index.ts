/**
 * OpenTelemetry traces for Hono: HTTP spans, outbound calls and work of your own, and nothing loaded while it is off.
 *
 * @module
 */

export type { Detach, OnDetachedError } from './detach.ts'
export type { PropagatorName } from './engine.ts'
export type { CreateFetch, FetchOptions } from './fetch.ts'
export type { CallOptions } from './fetch-attributes.ts'
export type { HttpTracingOptions } from './http-options.ts'
export type {
  BatchOptions,
  Environment,
  KeepOptions,
  OtlpOptions,
  OwnProvider,
  SamplerName,
  SamplingRule,
  TracingOptions,
} from './options.ts'
export type { RequestTracing, RequestTracingOptions } from './request-tracing.ts'
export type { RunInSpan } from './span.ts'
export type { ExceptionDetail } from './span-error.ts'
export type { AiCall, AiInference, SpanKinds, SqlQuery, Work } from './span-kinds.ts'
export { createTracing, type Tracing } from './tracing.ts'
