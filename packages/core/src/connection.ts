import { endAll } from './hooks.ts'
import type { ObservedExchange } from './observed.ts'
import { type Outgoing, readEnding, sizeOf } from './outgoing.ts'

/** Node's buffer for a connection: a body that fits is handed over at once, a larger one waits for the client. */
const onePieceBytes = 16 * 1024

const connectionOf: unique symbol = Symbol('honoscope.connection')

interface WatchedOutgoing extends Outgoing {
  [connectionOf]?: Connection
}

/**
 * Watches Node's own response: counts into `x` what is written to it, and ends `x` when the handler is done
 * (see {@link answer}) and the last byte is out or the connection closed.
 *
 * Most bodies are small: they leave in one piece with their headers and are with the operating system when `end`
 * returns. These need no listener and no clock but the last. Only what takes longer waits for `close`.
 */
export function watchConnection(outgoing: WatchedOutgoing, x: ObservedExchange): void {
  x.sentBytes = 0
  const present = outgoing[connectionOf]
  if (present) {
    x.outer = present.latest
    present.latest = x
    return
  }
  const connection = new Connection(outgoing, x)
  outgoing[connectionOf] = connection
  // One function each for all responses: closures, made for every request, took twice the time.
  outgoing.writeHead = writeHead
  outgoing.flushHeaders = flushHeaders
  outgoing.write = write
  outgoing.end = end
  // HTTP/2 does not tell afterwards that it was closed.
  if (outgoing.writableFinished === undefined) connection.listen()
}

/** The handler of `x` is done. */
export function answer(x: ObservedExchange): void {
  x.isAnswered = true
  if (x.outgoing?.destroyed) finish(x)
}

/** One response, with its own methods, and the exchanges that are watched on it: one for each observer. */
class Connection {
  readonly outgoing: Outgoing
  readonly writeHead: Outgoing['writeHead']
  readonly flushHeaders: Outgoing['flushHeaders']
  readonly write: Outgoing['write']
  readonly end: Outgoing['end']
  /** The others follow by `outer`. */
  latest: ObservedExchange
  bodyIsWhole = false
  isListening = false

  constructor(outgoing: Outgoing, x: ObservedExchange) {
    this.outgoing = outgoing
    this.writeHead = outgoing.writeHead
    this.flushHeaders = outgoing.flushHeaders
    this.write = outgoing.write
    this.end = outgoing.end
    this.latest = x
  }

  listen(): void {
    if (this.isListening) return
    this.isListening = true
    if (this.outgoing.destroyed) this.finish()
    else this.outgoing.on('close', () => this.finish())
  }

  /** Ends what can be ended, and tells whether that is all. */
  finish(): boolean {
    let all = true
    for (let x: ObservedExchange | undefined = this.latest; x; x = x.outer) all = finish(x) && all
    return all
  }

  /** The first bytes go out, and more will follow. */
  begin(): void {
    for (let x: ObservedExchange | undefined = this.latest; x; x = x.outer) {
      if (x.ttfbMs === 0) x.ttfbMs = x.observer.clock() - x.startedAt
    }
    this.listen()
  }

  count(bytes: number): void {
    if (this.bodyIsWhole || this.outgoing.destroyed) return
    for (let x: ObservedExchange | undefined = this.latest; x; x = x.outer) x.sentBytes = (x.sentBytes ?? 0) + bytes
  }
}

function finish(x: ObservedExchange): boolean {
  if (x.isOver || !x.isAnswered || !x.outgoing) return x.isOver
  x.isOver = true
  readEnding(x.outgoing, x)
  endAll(x, x.observer.clock())
  return true
}

function writeHead(this: WatchedOutgoing, ...head: readonly unknown[]): unknown {
  const connection = this[connectionOf] as Connection
  // The client has left before: an adapter may write nothing more.
  if (this.destroyed) connection.finish()
  return connection.writeHead.call(this, ...head)
}

function flushHeaders(this: WatchedOutgoing): void {
  const connection = this[connectionOf] as Connection
  connection.begin()
  connection.flushHeaders?.call(this)
}

function write(this: WatchedOutgoing, chunk?: unknown, encoding?: unknown, callback?: unknown): unknown {
  const connection = this[connectionOf] as Connection
  connection.count(sizeOf(chunk, encoding))
  connection.begin()
  return connection.write.call(this, chunk, encoding, callback)
}

function end(this: WatchedOutgoing, chunk?: unknown, encoding?: unknown, callback?: unknown): unknown {
  const connection = this[connectionOf] as Connection
  const size = sizeOf(chunk, encoding)
  connection.count(size)
  // HTTP/2 sends the last chunk through `write`.
  connection.bodyIsWhole = true
  if (size > onePieceBytes) connection.begin()
  const returned = connection.end.call(this, chunk, encoding, callback)
  if (!(this.writableFinished && connection.finish())) connection.listen()
  return returned
}
