import { isStream, noteTexts, observeStream } from './body.ts'
import { hasNoBody, type ObservedExchange } from './observed.ts'
import { countBytes, type Outgoing, outgoingOf, readEnding } from './outgoing.ts'

/** To be called once, when the handler is done. `answered` is false when its error went through to the server. */
export type Answered = (answered: boolean) => void

/** Watches for the end of the response to `x`. `finish` is called once, when the handler is done and the last byte is out. */
export function watchEnding(x: ObservedExchange, finish: () => void): Answered {
  const outgoing = outgoingOf(x.context)
  return outgoing ? watchConnection(outgoing, x, finish) : watchBody(x, finish)
}

/** Node: the connection knows. The exchange ends when it is closed and the handler is done, whichever comes last. */
function watchConnection(outgoing: Outgoing, x: ObservedExchange, finish: () => void): Answered {
  let waitingFor = 2
  const step = (): void => {
    if (--waitingFor > 0) return
    readEnding(outgoing, x)
    finish()
  }
  countBytes(outgoing, x)
  outgoing.once('close', step)
  return step
}

/** Elsewhere: a stream is followed to its end; any other body is sent as soon as the handler is done. */
function watchBody(x: ObservedExchange, finish: () => void): Answered {
  const c = x.context
  const noted = noteTexts(c, x)
  return (answered) => {
    if (isGone(x)) x.outcome = 'aborted'
    if (!answered || x.method === 'HEAD' || hasNoBody(x.status) || noted() === c.res || !isStream(c.res))
      return finish()
    const { res } = c
    const body = observeStream(res.body as ReadableStream<Uint8Array>, x, finish)
    // Assigning over a present response would merge the headers of both.
    c.res = undefined
    c.res = new Response(body, res)
  }
}

/** Whether the client left while the handler was at work. To ask costs as much as a short handler takes. */
function isGone(x: ObservedExchange): boolean {
  return x.ttfbMs > 1 && x.context.req.raw.signal?.aborted === true
}
