import { type FetchLike, instrumentFetch } from './instrument-fetch.ts'
import type { GenAiOptions } from './options.ts'

/** A client as Stainless generates them: those of OpenAI, Anthropic, Groq and others. */
interface ConfigurableClient {
  readonly fetch?: unknown
  withOptions(options: { readonly fetch: FetchLike }): unknown
}

/**
 * Returns a client of the same type whose calls are recorded as `instrumentFetch()` says; the one given is untouched.
 * It takes a client that has `withOptions()`, as those of OpenAI and Anthropic do, or the plain object of options that
 * a client is made from, for any that takes a `fetch`.
 *
 * @throws TypeError for a wrong option, or for a client that can't be given a `fetch`.
 * @example
 * ```ts
 * import { genAi } from '@honoscope/ai-metrics-compat/genai'
 * import { createMetrics } from '@honoscope/metrics'
 *
 * const metrics = createMetrics()
 * // What `new OpenAI(…)` and others are made from; or the client itself: `genAi(new OpenAI(), { metrics })`.
 * const options = genAi({ apiKey: 'key', baseURL: 'http://localhost:11434/v1' }, { metrics })
 * ```
 */
export function genAi<C extends object>(client: C, options: GenAiOptions): C {
  const base = fetchOf(client)
  const fetch = instrumentFetch(base, options)
  if (isConfigurable(client)) {
    return fetch === base ? client : (client.withOptions({ fetch }) as C)
  }
  if (isPlain(client)) return { ...client, fetch }
  throw new TypeError('genAi: "client" has no withOptions() and is no plain object of options, so it takes no fetch')
}

/** Such a client keeps the function that it was made with; without one it uses the global one. */
function fetchOf(client: object): FetchLike {
  const { fetch } = client as { fetch?: unknown }
  return typeof fetch === 'function' ? (fetch as FetchLike) : globalThis.fetch
}

function isConfigurable(client: object): client is ConfigurableClient {
  return typeof (client as { withOptions?: unknown }).withOptions === 'function'
}

function isPlain(client: object): boolean {
  const prototype = Object.getPrototypeOf(client)
  return prototype === null || prototype === Object.prototype
}
