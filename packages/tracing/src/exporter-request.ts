import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { OtlpSettings, TlsFile } from './settings-otlp.ts'

/** What a receiver answered. */
export interface Reply {
  readonly status: number
  /** Milliseconds that it asked to wait. */
  readonly retryAfterMs: number | undefined
  readonly body: Uint8Array
}

/** Posts to one URL. */
export interface Post {
  (body: string | Uint8Array<ArrayBuffer>, contentType: string, signal: AbortSignal): Promise<Reply>
  close(): void
}

const compress = promisify(gzip)

/** More of an answer is not read: what counts stands in its first bytes. */
const maxReplyBytes = 64 * 1024

/**
 * Returns what posts to the settings' URL, over one kept connection.
 *
 * By `node:http` and not by `fetch`: Node's takes no certificates of one's own, and its sockets keep a process alive.
 */
export async function createPost(
  { url, headers, compression }: OtlpSettings,
  tls: Readonly<Partial<Record<TlsFile, Buffer>>>,
): Promise<Post> {
  const { Agent, request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ...tls })

  async function post(
    body: string | Uint8Array<ArrayBuffer>,
    contentType: string,
    signal: AbortSignal,
  ): Promise<Reply> {
    const bytes = compression === 'gzip' ? await compress(body) : Buffer.from(body)
    return new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        agent,
        signal,
        headers: {
          'user-agent': 'honoscope-tracing',
          ...headers,
          'content-type': contentType,
          'content-length': bytes.byteLength,
          ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
        },
      }
      const sent = request(url, options, (response) => readReply(response).then(resolve, reject))
      sent.on('error', reject)
      // A span on its way is no reason for a process to stay: flush() and shutdown() are there to wait.
      sent.on('socket', (socket) => socket.unref?.())
      sent.end(bytes)
    })
  }
  return Object.assign(post, { close: () => agent.destroy() })
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength
      if (size > maxReplyBytes) break
      chunks.push(chunk)
    }
  } catch {
    // Cut off half way. The status has said what became of the spans; sent again, they would be there twice.
  }
  return {
    status: response.statusCode ?? 0,
    retryAfterMs: parseRetryAfter(response.headers['retry-after']),
    body: Buffer.concat(chunks),
  }
}

/** Seconds or a date, as HTTP has it. */
function parseRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
