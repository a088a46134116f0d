import type { Context } from 'hono'
import type { Outcome } from './exchange.ts'
import type { ObservedExchange } from './observed.ts'

/** What of Bun is used here. */
interface BunLike {
  inspect(value: unknown): string
}

const bun = (globalThis as { Bun?: BunLike }).Bun

type Headers = Record<string, string>
type Make = (content: unknown, status?: never, headers?: Headers) => Response

/**
 * Notes in `x` the texts of which Hono's own helpers make responses.
 *
 * Outside of Node nobody tells when a body has been sent, and to ask a response for its `body` costs more than all
 * of the rest (0.6 µs under Bun, which makes a stream of it). The helpers know without asking. They are replaced one
 * by one, with their parameters written out, since this runs for each request: spread or `Object.assign` cost 0.5 µs.
 */
export function noteTexts(c: Context, x: ObservedExchange): void {
  const { text, body, html } = c as object as Record<'text' | 'body' | 'html', Make>
  c.text = ((content, status, headers) => note(x, content, text(content, status, headers))) as Make as typeof c.text
  c.body = ((content, status, headers) => note(x, content, body(content, status, headers))) as Make as typeof c.body
  c.html = ((content, status, headers) => note(x, content, html(content, status, headers))) as Make as typeof c.html
  c.json = ((value, status, headers) => {
    const content = JSON.stringify(value)
    return note(x, content, body(content, status, headers ? { ...json, ...headers } : json))
  }) as Make as typeof c.json
}

const json: Headers = { 'Content-Type': 'application/json' }

function note(x: ObservedExchange, content: unknown, response: Response): Response {
  x.sentText = typeof content === 'string' ? content : undefined
  x.sentResponse = response
  return response
}

/**
 * Lets `c.header()` set headers on a finished response where it is, as `c.res.headers.set()` does.
 *
 * Hono makes a new response out of its body then, in case its headers can't be changed. With that a text or file
 * becomes a stream, and could not be told from one. Where they can't be changed Hono's own way is taken.
 */
export function keepResponse(c: Context): void {
  const { header } = c
  c.header = (name: string, value?: string, options?: { append?: boolean }): void => {
    if (!c.finalized || !setHeader(c.res.headers, name, value, options?.append)) header(name, value, options)
  }
}

function setHeader(headers: Response['headers'], name: string, value: string | undefined, append = false): boolean {
  try {
    if (value === undefined) headers.delete(name)
    else if (append) headers.append(name, value)
    else headers.set(name, value)
    return true
  } catch {
    return false
  }
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
  let ended = false
  x.sentBytes = 0
  const end = (outcome: Outcome, error?: unknown): void => {
    // A read that was under way when the client left still comes back.
    if (ended) return
    ended = true
    if (outcome !== 'ok') x.outcome = outcome
    x.error ??= error
    done()
  }
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      try {
        const { done: last, value } = await reader.read()
        if (ended) return
        if (!last) {
          x.sentBytes = (x.sentBytes ?? 0) + value.byteLength
          return controller.enqueue(value)
        }
        controller.close()
        end('ok')
      } catch (error) {
        controller.error(error)
        end('error', error)
      }
    },
    async cancel(reason) {
      end('aborted')
      await reader.cancel(reason)
    },
  }
  // No chunk is asked for before the client wants it: the source keeps the pace that it had.
  return new ReadableStream(source, { highWaterMark: 0 })
}
