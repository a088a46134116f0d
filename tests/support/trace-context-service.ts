import { createObserver } from '@honoscope/core'
import type { Tracing } from '@honoscope/tracing'
import { Hono } from 'hono'

/** One call that the harness wants: a POST of `arguments` to `url`. */
interface Call {
  readonly url: string
  readonly arguments: readonly Call[]
}

/**
 * Returns a service of the shape that the conformance suite of w3c/trace-context wants (`test/README.md` there): it
 * makes the calls that a POST to `/test` lists, and each carries on the trace of that POST.
 */
export function createTraceContextService(tracing: Tracing): Hono {
  const app = new Hono()
  app.use(createObserver({ app })(tracing.http()))
  app.post('/test', async (c) => {
    const calls: readonly Call[] = await c.req.json()
    for (const { url, arguments: list } of calls) {
      const headers = { 'content-type': 'application/json' }
      const response = await tracing.fetch(url, { method: 'POST', headers, body: JSON.stringify(list) })
      await response.arrayBuffer()
    }
    return c.json({ made: calls.length })
  })
  return app
}
