/**
 * Spans, metrics and events for Drizzle, and gauges for its connection pool.
 *
 * @module
 */
export {}
