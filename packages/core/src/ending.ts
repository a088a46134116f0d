import { isStream, keepResponse, noteTexts, observeStream } from './body.ts'
import { answer, watchConnection } from './connection.ts'
import { type Answered, endAll } from './hooks.ts'
import { hasNoBody, type ObservedExchange } from './observed.ts'

/**
 * Begins to watch for the end of the response to `x`: it ends when the handler is done and the last byte is out.
 * What is returned has to be called when the handler is done.
 */
export function watchEnding(x: ObservedExchange): Answered {
  if (x.outgoing) {
    watchConnection(x.outgoing, x)
    return answer
  }
  noteTexts(x.context, x)
  keepResponse(x.context)
  return endWithBody
}

/** Where there is no response of Node's: a stream is followed to its end; any other body is sent as soon as the handler is done. */
function endWithBody(x: ObservedExchange, answered: boolean): void {
  const { clock, has } = x.observer
  if (isGone(x)) {
    x.outcome = 'aborted'
    x.sentBytes = 0
  }
  if (!(answered && streams(x))) {
    // Without a respond hook nothing has happened since the headers were ready.
    endAll(x, has.respond ? clock() : x.startedAt + x.ttfbMs)
    return
  }
  const { res } = x.context
  const body = observeStream(res.body as ReadableStream<Uint8Array>, x, () => endAll(x, clock()))
  // Assigning over a present response would merge the headers of both.
  x.context.res = undefined
  x.context.res = new Response(body, res)
}

function streams(x: ObservedExchange): boolean {
  const { res } = x.context
  if (x.sentText !== undefined && res === x.sentResponse) return false
  const isOwn = x.method !== 'HEAD' && !hasNoBody(x.status) && isStream(res)
  // A middleware may have made a new response of the noted one's body. Asked last: to ask for a body changes it.
  if (isOwn && x.sentText !== undefined && res.body === x.sentResponse?.body) return false
  x.sentText = undefined
  return isOwn
}

/** Whether the client left while the handler was at work. To ask costs as much as a short handler takes. */
function isGone(x: ObservedExchange): boolean {
  return x.ttfbMs > 1 && x.context.req.raw.signal?.aborted === true
}
