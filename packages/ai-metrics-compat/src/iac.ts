/**
 * The metrics of package ai-metrics-compat.
 *
 * @module
 */
export {}
