import type { Context, Handler } from 'hono'
import { acceptsGzip, openMetricsContentType, prefersOpenMetrics, textContentType } from './negotiate.ts'
import type { Slice } from './render.ts'

/** Makes the handler of `GET /metrics` from what writes a scrape. */
export function createHandler(scrape: (openMetrics: boolean) => AsyncGenerator<Slice, void>): Handler {
  return async (c: Context) => {
    const openMetrics = prefersOpenMetrics(c.req.header('Accept'))
    const gzip = acceptsGzip(c.req.header('Accept-Encoding'))
    const headers = new Headers({
      'Content-Type': openMetrics ? openMetricsContentType : textContentType,
      Vary: 'Accept, Accept-Encoding',
    })
    if (gzip) headers.set('Content-Encoding', 'gzip')
    // HEAD asks what would come: nothing is collected or written for it.
    if (c.req.raw.method === 'HEAD') return c.newResponse(null, { headers: Object.fromEntries(headers) })
    const slices = scrape(openMetrics)
    const first = await slices.next()
    const body = toStream(first, slices)
    return new Response(gzip ? body.pipeThrough(new CompressionStream('gzip')) : body, { headers })
  }
}

/** The slices, written when they are asked for, and no further when the client is gone. */
function toStream(first: IteratorResult<Slice, void>, slices: AsyncGenerator<Slice, void>): ReadableStream<Slice> {
  let pending: IteratorResult<Slice, void> | undefined = first
  return new ReadableStream(
    {
      async pull(controller) {
        const next = pending ?? (await slices.next())
        pending = undefined
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await slices.return()
      },
    },
    { highWaterMark: 0 },
  )
}
