import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { type OtlpJsonOptions, otlpTraceFaults } from './otlp-json.ts'
import { type ReceivedSpan, spansOf, type TraceRequestJson } from './otlp-spans.ts'

/** A request that has come in whole, whatever was answered. */
export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders
  /** Bytes of the body as it came over the wire. */
  readonly bytes: number
  /** Value of `Content-Encoding`; `undefined` for a plain body. */
  readonly compression: string | undefined
  /** Spans that it held; 0 where the body could not be read. */
  readonly spans: number
  /** `performance.now()` when it had come in. */
  readonly at: number
}

/** What was read of a request. */
export interface RequestFound {
  readonly request: ReceivedRequest
  readonly faults: readonly string[]
  readonly spans: readonly ReceivedSpan[]
  /** Status that the request's own faults call for; 200 without one. */
  readonly status: number
}

/** Returns what came in, `undefined` when the client went away half way. */
export async function readRequest(
  incoming: IncomingMessage,
  options: OtlpJsonOptions,
): Promise<RequestFound | undefined> {
  const { headers } = incoming
  const compression = headers['content-encoding']
  let bytes = 0
  incoming.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length
  })
  const body = await textOf(incoming, compression === 'gzip').catch(() => undefined)
  if (!incoming.complete) return undefined
  const at = performance.now()
  const [status, faults] = headFault(incoming, compression) ?? bodyFaults(body, options)
  const spans = status === 200 ? spansOf(JSON.parse(body ?? '{}') as TraceRequestJson) : []
  return { request: { headers, bytes, compression, spans: spans.length, at }, faults, spans, status }
}

function textOf(incoming: IncomingMessage, gzip: boolean): Promise<string> {
  if (!gzip) return text(incoming)
  const gunzip = createGunzip()
  incoming.on('error', (error) => gunzip.destroy(error))
  return text(incoming.pipe(gunzip))
}

type Verdict = readonly [status: number, faults: readonly string[]]

function headFault({ method, url, headers }: IncomingMessage, compression: string | undefined): Verdict | undefined {
  const type = headers['content-type']
  if (url !== '/v1/traces') return [404, [`path ${url} is not /v1/traces`]]
  if (method !== 'POST') return [405, [`method ${method} is not POST`]]
  if (type !== 'application/json') return [415, [`content-type ${type} is not application/json`]]
  if (compression !== undefined && compression !== 'gzip') return [415, [`content-encoding ${compression} is not gzip`]]
  return undefined
}

function bodyFaults(body: string | undefined, options: OtlpJsonOptions): Verdict {
  if (body === undefined) return [400, ['the body is not what its content-encoding says']]
  try {
    const faults = otlpTraceFaults(JSON.parse(body), options)
    return [faults.length === 0 ? 200 : 400, faults]
  } catch {
    return [400, ['the body is not JSON']]
  }
}
