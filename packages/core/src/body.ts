import type { Context } from 'hono'
import type { ObservedExchange } from './observed.ts'

/** What of Bun is used here. */
interface BunLike {
  inspect(value: unknown): string
}

const bun = (globalThis as { Bun?: BunLike }).Bun

/**
 * Notes in `x` the text of a response that Hono's own helpers make, and returns a function that gives that response.
 *
 * Outside of Node nobody tells when a body has been sent, and to ask a response for its `body` costs more than all
 * of the rest (0.6 µs under Bun, which makes a stream of it). The helpers know without asking.
 */
export function noteTexts(c: Context, x: ObservedExchange): () => Response | undefined {
  let noted: Response | undefined
  const { text, body, html } = c
  const note = <R>(content: unknown, response: R): R => {
    if (typeof content === 'string' && response instanceof Response) {
      x.sentText = content
      noted = response
    }
    return response
  }
  const helpers: Record<'text' | 'body' | 'html' | 'json', (content: unknown, ...rest: never[]) => unknown> = {
    text: (content, ...rest) => note(content, text(content as string, ...rest)),
    body: (content, ...rest) => note(content, body(content as string, ...rest)),
    html: (content, ...rest) => note(content, html(content as string, ...rest)),
    json(value, status?: never, headers?: Record<string, string>) {
      const content = JSON.stringify(value)
      return note(content, body(content, status, { 'Content-Type': 'application/json', ...headers }))
    },
  }
  Object.assign(c, helpers)
  return () => noted
}

/** Whether the body of `res` is a stream of its own, and not a text, blob or file that the runtime sends at once. */
export function isStream(res: Response): boolean {
  if (bun === undefined) return res.body !== null
  // To wrap a blob or file would cost it its Content-Length, and `res.body` looks the same for all of them.
  // Bun's description is the one place where they differ; it ends with the body.
  return bun.inspect(res).lastIndexOf('\n  ReadableStream {') !== -1
}

/**
 * Returns `body` as it is, counted into `x`; `done` is called once, when it was read to its end, failed, or was
 * given up by its reader.
 */
export function observeStream(
  body: ReadableStream<Uint8Array>,
  x: ObservedExchange,
  done: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  x.sentBytes = 0
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      try {
        const { done: last, value } = await reader.read()
        if (!last) {
          x.sentBytes = (x.sentBytes ?? 0) + value.byteLength
          return controller.enqueue(value)
        }
        controller.close()
      } catch (error) {
        x.outcome = 'error'
        x.error ??= error
        controller.error(error)
      }
      done()
    },
    async cancel(reason) {
      x.outcome = 'aborted'
      done()
      await reader.cancel(reason)
    },
  }
  // No chunk is asked for before the client wants it: the source keeps the pace that it had.
  return new ReadableStream(source, { highWaterMark: 0 })
}
