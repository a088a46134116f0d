/**
 * OpenTelemetry's GenAI metrics and spans for any client that calls models through `fetch`.
 *
 * @module
 */
export { genAi } from './genai/client.ts'
export { type FetchLike, instrumentFetch } from './genai/instrument-fetch.ts'
export { type ContentOptions, defaultRedactions, type GenAiOptions } from './genai/options.ts'
export type { Price, PriceTable } from './genai/price.ts'
