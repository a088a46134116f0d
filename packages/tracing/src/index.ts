/**
 * OpenTelemetry traces for Hono: HTTP spans, outbound calls and work of your own, and nothing loaded while it is off.
 *
 * @module
 */
export {}
