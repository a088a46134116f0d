/** Reading of a body's bytes, bounded in size and time under both runtimes. */

/** What a body may take. */
export interface BodyLimits {
  readonly maxBytes: number
  /** Milliseconds from the end of the headers to the end of the body, … */
  readonly timeoutMs: number
  /** … and one second more for each of these bytes that it declares; that `maxBytes` allows, where it declares none. */
  readonly minBytesPerSecond: number
}

/**
 * Limits for bodies up to `maxBytes`. A body is one packet or a few, and is here with its headers; 100 KiB/s is below
 * what a poor mobile link does. At the default of 1 MB that is 40 s for the largest one.
 */
export const bodyLimitsFor = (maxBytes: number): BodyLimits => {
  return { maxBytes, timeoutMs: 30_000, minBytesPerSecond: 100 * 1024 }
}

/** Why there are no bytes. `broken`: the client went away, or broke the framing. */
export type BodyFault = 'too large' | 'too slow' | 'broken'

/** Resolves to the whole body, or to what is wrong with it. Reading stops at the limits. */
export async function readBodyBytes(request: Request, limits: BodyLimits): Promise<Uint8Array | BodyFault> {
  const { maxBytes, timeoutMs, minBytesPerSecond } = limits
  const header = request.headers.get('content-length')
  const declared = header === null ? undefined : Number(header)
  if (declared !== undefined && !(declared <= maxBytes)) return 'too large'
  // A declared length is held to by the HTTP parser, so the quick way is bounded too.
  const whole = declared === undefined ? readStream(request.body, maxBytes) : request.arrayBuffer().then(asBytes)
  const ms = timeoutMs + (1000 * (declared ?? maxBytes)) / minBytesPerSecond
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('too slow'), ms)
    const settle = (result: Uint8Array | BodyFault) => {
      clearTimeout(timer)
      resolve(result)
    }
    whole.then(settle, () => settle('broken'))
  })
}

const asBytes = (buffer: ArrayBuffer) => new Uint8Array(buffer)

async function readStream(
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array | 'too large'> {
  if (!stream) return new Uint8Array()
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.byteLength
    if (length > maxBytes) {
      void discard(reader)
      return 'too large'
    }
    chunks.push(part.value)
  }
  return Buffer.concat(chunks, length)
}

/** Milliseconds for which a client is listened to that goes on sending after its refusal. */
const lingerMs = 1000

/**
 * Swallows what a client still sends for a moment, so that the answer isn't lost in a reset and the connection can
 * be used again when that was all; then it is cut off.
 */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), lingerMs)
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client is gone, which is as good.
  }
  clearTimeout(timer)
}
