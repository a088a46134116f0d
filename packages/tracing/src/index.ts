/**
 * OpenTelemetry traces for Hono: HTTP spans, outbound calls and work of your own, and nothing loaded while it is off.
 *
 * @module
 */
export type { PropagatorName } from './engine.ts'
export type {
  BatchOptions,
  Environment,
  KeepOptions,
  OtlpOptions,
  SamplerName,
  SamplingRule,
  TracingOptions,
} from './options.ts'
export { createTracing, type Tracing } from './tracing.ts'
