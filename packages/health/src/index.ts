/**
 * Liveness, readiness and startup probes for Hono: checks with timeout, cache and skip, and a drain for the end.
 *
 * @module
 */
export type { DrainOptions, InFlight } from './drain.ts'
export { HealthError, type HealthErrorOptions } from './error.ts'
export { createHealth, type Health } from './health.ts'
export type { Check, CheckFunction, CheckOptions, Checks, HealthOptions, HealthPaths } from './options.ts'
export { type Render, renderPlain } from './render.ts'
export type { CheckResult, Details, Probe, Report } from './report.ts'
export type { Time } from './time.ts'
