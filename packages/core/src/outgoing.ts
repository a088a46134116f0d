import type { Context } from 'hono'
import type { ObservedExchange } from './observed.ts'

type Write = (chunk?: unknown, encoding?: unknown, callback?: unknown) => unknown

/** What of Node's `ServerResponse` (HTTP/1.1 or 2) is used here. */
export interface Outgoing {
  readonly headersSent: boolean
  readonly statusCode: number
  readonly writableEnded: boolean
  /** The connection is gone: what is written now reaches nobody. */
  readonly destroyed?: boolean
  /** Absent on HTTP/2, where `writableEnded` has to do. */
  readonly writableFinished?: boolean
  readonly errored?: Error | null
  write: Write
  end: Write
  flushHeaders?: () => void
  on(event: 'close', listener: () => void): unknown
}

/** Returns Node's own response where `@hono/node-server` passes one, which it does for all but WebSocket upgrades. */
export function outgoingOf(c: Context): Outgoing | undefined {
  const outgoing = (c.env as { outgoing?: Outgoing } | undefined)?.outgoing
  return typeof outgoing?.on === 'function' ? outgoing : undefined
}

/**
 * Counts into `x` the bytes that are written to `outgoing`, and notes when the first of them goes out.
 *
 * The body stays what it was: no stream is wrapped. A small body leaves in one piece with its headers, so the time of
 * its first byte is that of its last, and the clock, a seventh of all that observe() costs, need not be asked twice.
 */
export function countBytes(outgoing: Outgoing, x: ObservedExchange): void {
  const { write, end, flushHeaders } = outgoing
  let ended = false
  x.sentBytes = 0
  outgoing.flushHeaders = () => {
    noteFirstByte(x)
    flushHeaders?.call(outgoing)
  }
  outgoing.write = (chunk, encoding, callback) => {
    if (!ended) count(outgoing, x, sizeOf(chunk, encoding), 0)
    return write.call(outgoing, chunk, encoding, callback)
  }
  outgoing.end = (chunk, encoding, callback) => {
    count(outgoing, x, sizeOf(chunk, encoding), onePieceBytes)
    // HTTP/2 sends the last chunk through `write`.
    ended = true
    return end.call(outgoing, chunk, encoding, callback)
  }
}

/** Node's buffer for a connection: a body that fits is handed over at once, a larger one waits for the client. */
const onePieceBytes = 16 * 1024

function count(outgoing: Outgoing, x: ObservedExchange, size: number, inOnePiece: number): void {
  if (outgoing.destroyed) return
  x.sentBytes = (x.sentBytes ?? 0) + size
  if (size > inOnePiece) noteFirstByte(x)
}

function noteFirstByte(x: ObservedExchange): void {
  if (x.ttfbMs === 0) x.ttfbMs = x.observer.clock() - x.startedAt
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}

/** Takes over what only the connection knows: the status that went out, and whether all of the body did. */
export function readEnding(outgoing: Outgoing, x: ObservedExchange): void {
  // An onError outside of observe() may have chosen another status; without headers nothing was sent at all.
  if (outgoing.headersSent) x.status = outgoing.statusCode
  if (outgoing.errored) {
    x.outcome = 'error'
    x.error ??= outgoing.errored
  } else if (!(outgoing.writableFinished ?? outgoing.writableEnded)) {
    x.outcome = 'aborted'
  }
}
