import { readFile } from 'node:fs/promises'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Sender, SendResult } from './exporter.ts'
import { encodeJson } from './exporter-json.ts'
import { createPost, type Reply } from './exporter-request.ts'
import type { OtlpSettings, TlsFile } from './settings-otlp.ts'

/** One of the two forms of OTLP over HTTP. */
interface Format {
  readonly contentType: string
  /** `left`: number of spans that could not be written. */
  encode(spans: readonly ReadableSpan[]): Promise<{ body: string | Uint8Array<ArrayBuffer>; left: number }>
  /** Number of spans that an answer says were not taken. */
  rejected(body: Uint8Array): number
}

/** What the specification lets a client try again. */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504])

/**
 * Returns what sends OTLP over HTTP. The stock exporter hides `Retry-After` from what batches the spans, retries on
 * timers that keep the process alive, and bounds the silence of a connection instead of the time that a request takes.
 */
export async function createOtlpSender(settings: OtlpSettings, warn: (message: string) => void): Promise<Sender> {
  const format = settings.protocol === 'http/protobuf' ? await protobuf() : json
  const post = await createPost(settings, await readFiles(settings, warn))
  return {
    send: async (spans, signal) => {
      const { body, left } = await format.encode(spans)
      try {
        return toResult(await post(body, format.contentType, signal), format, left)
      } catch (error) {
        if (signal.aborted) return { ok: false, reason: 'timeout', retry: true, detail: 'no answer in time' }
        return { ok: false, reason: 'unreachable', retry: true, detail: codeOf(error) }
      }
    },
    close: async () => post.close(),
  }
}

function toResult({ status, retryAfterMs, body }: Reply, format: Format, left: number): SendResult {
  if (status >= 200 && status < 300) return { ok: true, rejected: rejectedBy(format, body) + left }
  const detail = `answered ${status}`
  if (!retryable.has(status)) return { ok: false, reason: 'rejected', retry: false, detail }
  return { ok: false, reason: 'unavailable', retry: true, retryAfterMs, detail }
}

/** A receiver that answers 200 has the spans, whatever its body is. */
function rejectedBy(format: Format, body: Uint8Array): number {
  try {
    return body.byteLength === 0 ? 0 : format.rejected(body)
  } catch {
    return 0
  }
}

const json: Format = {
  contentType: 'application/json',
  encode: encodeJson,
  rejected: (body) => Number(JSON.parse(new TextDecoder().decode(body)).partialSuccess?.rejectedSpans ?? 0) || 0,
}

async function protobuf(): Promise<Format> {
  const { ProtobufTraceSerializer: serializer } = await import('@opentelemetry/otlp-transformer')
  return {
    contentType: 'application/x-protobuf',
    encode: async (spans) => ({ body: Uint8Array.from(serializer.serializeRequest([...spans]) ?? []), left: 0 }),
    rejected: (body) => Number(serializer.deserializeResponse(body).partialSuccess?.rejectedSpans ?? 0),
  }
}

/** A code such as `ECONNREFUSED`. Messages hold addresses. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'connection failed'
}

async function readFiles(
  { files }: OtlpSettings,
  warn: (message: string) => void,
): Promise<Partial<Record<TlsFile, Buffer>>> {
  const contents: Partial<Record<TlsFile, Buffer>> = {}
  for (const part of ['ca', 'cert', 'key'] as const) {
    const file = files[part]
    if (file === undefined) continue
    try {
      contents[part] = await readFile(file.path)
    } catch (error) {
      warn(`tracing: ${file.variable} is ignored: its file can't be read (${codeOf(error)})`)
    }
  }
  return contents
}
