import type { Conversation } from './content.ts'
import type { Attributes, RequestFacts, WireFormat } from './format.ts'
import type { Guard } from './guard.ts'
import { type JsonObject, parseObject } from './json.ts'
import type { CheckedOptions } from './options.ts'
import { providerOf } from './provider.ts'
import { endpointOf, pathOf } from './recognise.ts'

/** What `fetch` is given. */
export type FetchArguments = readonly [input: unknown, init?: RequestInit, ...rest: readonly unknown[]]

/** A call to a model, before it is made. */
export interface ModelRequest {
  readonly format: WireFormat
  readonly provider: string
  /** `undefined` when neither the URL nor a body that can be read names it. */
  readonly model: string | undefined
  readonly isStream: boolean
  /** Whether a stream is a JSON array that grows, where it isn't one of events. */
  readonly growsArray: boolean
  readonly address: string
  readonly port: number
  readonly attributes: Attributes
  /** Returns what is asked; `undefined` when the body could not be read, or when it is not to be captured. */
  readonly conversation: () => Conversation | undefined
}

/** Returns the call to a model that a `fetch` is; `undefined` for any other, which most are. */
export function readRequest(
  [input, init]: FetchArguments,
  options: CheckedOptions,
  guard: Guard,
): ModelRequest | undefined {
  const request = isRequest(input) ? input : undefined
  if (String(init?.method ?? request?.method).toUpperCase() !== 'POST') return undefined
  const target = request?.url ?? String(input)
  const endpoint = endpointOf(pathOf(target))
  if (endpoint === undefined) return undefined
  const { format } = endpoint
  const url = new URL(target)
  const provider = providerOf(url, options.providers)
  const body = readBody(init?.body, options.maxParsedBytes, guard)
  const fits = body ? format.fits(body) : format.distinctive || provider !== undefined
  if (!fits) return undefined
  const facts: RequestFacts = body ? format.request(body) : { model: undefined, stream: false, attributes: {} }
  return {
    format,
    provider: provider ?? format.provider,
    model: facts.model ?? endpoint.model,
    isStream: facts.stream || endpoint.streams,
    growsArray: endpoint.streams,
    address: url.hostname,
    port: Number(url.port) || (url.protocol === 'http:' ? 80 : 443),
    attributes: facts.attributes,
    conversation: options.content && body ? () => format.conversation(body) : () => undefined,
  }
}

/**
 * Returns the JSON object in a body that is text or bytes already. Anything else is not looked at: a stream, a form or
 * the body of a `Request` could not be read without taking it away from the call, or keeping a second copy of it.
 */
function readBody(body: unknown, maxBytes: number, guard: Guard): JsonObject | undefined {
  const length = typeof body === 'string' ? body.length : isBytes(body) ? body.byteLength : undefined
  if (length === undefined) return undefined
  if (length > maxBytes) {
    guard.unparsed('request', 'too_large')
    return undefined
  }
  const value = parseObject(typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array))
  if (value === undefined) guard.unparsed('request', 'malformed')
  return value
}

function isBytes(body: unknown): body is ArrayBuffer | ArrayBufferView {
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body)
}

/** Not by its class: an adapter may have put another in its place. */
function isRequest(input: unknown): input is Request {
  return typeof input === 'object' && input !== null && typeof (input as { url?: unknown }).url === 'string'
}
