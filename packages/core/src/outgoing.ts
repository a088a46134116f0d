import type { Context } from 'hono'
import type { ObservedExchange } from './observed.ts'

type Write = (this: Outgoing, chunk?: unknown, encoding?: unknown, callback?: unknown) => unknown

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
  writeHead: (this: Outgoing, ...head: readonly unknown[]) => unknown
  flushHeaders?: (this: Outgoing) => void
  on(event: 'close', listener: () => void): unknown
}

/** Returns Node's own response where `@hono/node-server` passes one, which it does for all but WebSocket upgrades. */
export function outgoingOf(c: Context): Outgoing | undefined {
  const outgoing = (c.env as { outgoing?: Outgoing } | undefined)?.outgoing
  return typeof outgoing?.on === 'function' ? outgoing : undefined
}

/** Bytes of a chunk as it is given to `write` or `end`. */
export function sizeOf(chunk: unknown, encoding: unknown): number {
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
