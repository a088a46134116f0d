/** What is told of a body as it passes. None of these may throw. */
export interface Passing {
  chunk(bytes: Uint8Array): void
  end(): void
  failed(error: unknown): void
  /** Its reader gave it up. */
  cancelled(): void
}

type Body = ReadableStream<Uint8Array>

/**
 * Returns `body` as it is. Each chunk is passed on before anybody is told of it, no chunk is asked for before it is
 * wanted, and cancelling and failing go through with the same reason and error.
 *
 * Until somebody reads it the body stays unlocked, so that the runtime can let go of one that nobody wants.
 */
export function passThrough(body: Body, passing: Passing): Body {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  let isCancelled = false

  const open = (): ReadableStreamDefaultReader<Uint8Array> => {
    const opened = body.getReader()
    // A caller that aborts may never read again to find out.
    opened.closed.catch((error: unknown) => passing.failed(error))
    reader = opened
    return opened
  }
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      try {
        const { done, value } = await (reader ?? open()).read()
        if (isCancelled) return
        if (done) {
          controller.close()
          passing.end()
        } else {
          controller.enqueue(value)
          passing.chunk(value)
        }
      } catch (error) {
        controller.error(error)
        passing.failed(error)
      }
    },
    cancel(reason) {
      isCancelled = true
      passing.cancelled()
      return (reader ?? body).cancel(reason)
    },
  }
  return new ReadableStream(source, { highWaterMark: 0 })
}

/** Set by the network, so that a `Response` made from parts has none of its own. */
const networkProperties = ['url', 'redirected', 'type'] as const

/**
 * Returns a response of the same class as `response` with `body` in place of its own.
 *
 * A real one, and no proxy: runtimes look into a response that an app passes on, and refuse what isn't theirs.
 *
 * @throws when a response can't be made from its parts, such as an opaque one; `response` is untouched then.
 */
export function withBody(response: Response, body: Body): Response {
  const Same = response.constructor as typeof Response
  const { status, statusText, headers } = response
  return keepNetworkProperties(new Same(body, { status, statusText, headers }), response)
}

function keepNetworkProperties(made: Response, response: Response): Response {
  for (const name of networkProperties) {
    Object.defineProperty(made, name, { value: response[name], configurable: true })
  }
  const clone = made.clone.bind(made)
  Object.defineProperty(made, 'clone', {
    value: () => keepNetworkProperties(clone(), response),
    configurable: true,
    writable: true,
  })
  return made
}
