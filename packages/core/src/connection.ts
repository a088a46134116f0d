import { type Answered, endAll } from './hooks.ts'
import type { ObservedExchange } from './observed.ts'
import { type Outgoing, readEnding, sizeOf } from './outgoing.ts'

/** Node's buffer for a connection: a body that fits is handed over at once, a larger one waits for the client. */
const onePieceBytes = 16 * 1024

/**
 * Watches Node's own response: counts into `x` what is written to it, and ends `x` when the handler is done and the
 * last byte is out or the connection closed.
 *
 * Most bodies are small: they leave in one piece with their headers and are with the operating system when `end`
 * returns. These need no listener and no clock but the last. Only what takes longer waits for `close`.
 */
export function watchConnection(outgoing: Outgoing, x: ObservedExchange): Answered {
  const { writeHead, flushHeaders, write, end } = outgoing
  let handlerIsDone = false
  let bodyIsWhole = false
  let isListening = false
  let isOver = false

  const finish = (): void => {
    if (isOver || !handlerIsDone) return
    isOver = true
    readEnding(outgoing, x)
    endAll(x, x.observer.clock())
  }
  const listen = (): void => {
    if (isListening) return
    isListening = true
    if (outgoing.destroyed) finish()
    else outgoing.on('close', finish)
  }
  const begin = (): void => {
    if (x.ttfbMs === 0) x.ttfbMs = x.observer.clock() - x.startedAt
    listen()
  }
  const count = (size: number): void => {
    if (!bodyIsWhole && !outgoing.destroyed) x.sentBytes = (x.sentBytes ?? 0) + size
  }

  x.sentBytes = 0
  outgoing.writeHead = (...head) => {
    // The client has left before: an adapter may write nothing more.
    if (outgoing.destroyed) finish()
    return writeHead.apply(outgoing, head as [])
  }
  outgoing.flushHeaders = () => {
    begin()
    flushHeaders?.call(outgoing)
  }
  outgoing.write = (chunk, encoding, callback) => {
    count(sizeOf(chunk, encoding))
    begin()
    return write.call(outgoing, chunk, encoding, callback)
  }
  outgoing.end = (chunk, encoding, callback) => {
    const size = sizeOf(chunk, encoding)
    count(size)
    // HTTP/2 sends the last chunk through `write`.
    bodyIsWhole = true
    if (size > onePieceBytes) begin()
    const returned = end.call(outgoing, chunk, encoding, callback)
    if (handlerIsDone && outgoing.writableFinished) finish()
    else listen()
    return returned
  }
  // HTTP/2 does not tell afterwards that it was closed.
  if (outgoing.writableFinished === undefined) listen()

  return () => {
    handlerIsDone = true
    if (outgoing.destroyed) finish()
  }
}
