import type { Span } from '@opentelemetry/api'
import { type Call, type Observing, startCall } from './call.ts'
import { createGuard } from './guard.ts'
import { metricsIn } from './metrics.ts'
import { observeResponse } from './observe-response.ts'
import { checkOptions, type GenAiOptions } from './options.ts'
import { type FetchArguments, type ModelRequest, readRequest } from './request.ts'
import { spanName, spanOptions } from './span.ts'

/** Any function that is called as `fetch` is. */
// biome-ignore lint/suspicious/noExplicitAny: parameters vary the other way, so nothing narrower takes every fetch.
export type FetchLike = (input: any, init?: any) => Promise<Response>

const instrumented = new WeakSet<object>()

/**
 * Returns `fetch` with OpenTelemetry's GenAI metrics and spans for the calls to models that go through it, and with
 * every other call as it was. Without `metrics` and `tracer`, or when it is instrumented already, it is the same one.
 *
 * Calls are recognised by URL and body: OpenAI's chat completions, completions, responses and embeddings and whoever
 * speaks their format, Anthropic's messages, Google's `generateContent` and `streamGenerateContent`. What the caller
 * gets is byte for byte what came, when it came.
 *
 * @throws TypeError for a wrong option, by its name.
 * @example
 * ```ts
 * import { instrumentFetch } from '@honoscope/ai-metrics-compat/genai'
 * import { createMetrics } from '@honoscope/metrics'
 *
 * const metrics = createMetrics()
 * const fetch = instrumentFetch(globalThis.fetch, { metrics })
 *
 * const answer = await fetch('http://localhost:11434/v1/chat/completions', {
 *   method: 'POST',
 *   headers: { 'Content-Type': 'application/json' },
 *   body: JSON.stringify({ model: 'llama3.2', messages: [{ role: 'user', content: 'Hello!' }] }),
 * })
 * ```
 */
export function instrumentFetch<F extends FetchLike>(fetch: F, options: GenAiOptions): F {
  if (typeof fetch !== 'function') throw new TypeError('genai: "fetch" must be a function')
  const checked = checkOptions(options)
  const nothingToDo = checked.metrics === undefined && checked.tracer === undefined
  if (nothingToDo || instrumented.has(fetch)) return fetch
  const metrics = checked.metrics && metricsIn(checked.metrics)
  const observing: Observing = { options: checked, metrics, guard: createGuard(metrics) }
  // A proxy, so that what a runtime keeps on its fetch, such as Bun's preconnect, is there too.
  const proxy = new Proxy(fetch, {
    apply: (base, self, args: Parameters<FetchLike>) => observe(observing, args, () => Reflect.apply(base, self, args)),
  })
  instrumented.add(proxy)
  return proxy
}

function observe(observing: Observing, args: FetchArguments, send: () => Promise<Response>): Promise<Response> {
  const { guard, options } = observing
  const request = guard.attempt('request', () => readRequest(args, options, guard))
  if (request === undefined) return send()
  const { call, response } = sendInSpan(observing, request, send)
  return response.then(
    (came) => guard.attempt('response', () => observeResponse(came, call, request, observing)) ?? came,
    (error: unknown) => {
      call.failed(error)
      throw error
    },
  )
}

/** A call that has been sent. */
interface Sent {
  readonly call: Call
  readonly response: Promise<Response>
}

/** Sends once, in the scope of the call's span if there is one: a span of the HTTP request becomes its child. */
function sendInSpan(observing: Observing, request: ModelRequest, send: () => Promise<Response>): Sent {
  const { options, guard } = observing
  let sent: Sent | undefined
  const once = (span?: Span): Sent => {
    if (sent === undefined) {
      const call = startCall(observing, request, span)
      sent = { call, response: new Promise((resolve) => resolve(send())) }
    }
    return sent
  }
  const { tracer } = options
  if (tracer) guard.attempt('span', () => tracer.startActiveSpan(spanName(request), spanOptions(request), once))
  return once()
}
