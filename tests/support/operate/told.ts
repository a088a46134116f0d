/** Those who are told of alerts: an HTTP server that speaks Slack's, PagerDuty's and a webhook's side. */
import { type Served, serve } from '@honoscope/testing'

/** What somebody was told. */
export interface Told {
  /** `/slack`, `/pagerduty`, `/webhook`: where it came in. */
  readonly path: string
  // biome-ignore lint/suspicious/noExplicitAny: each side has a shape of its own.
  readonly body: any
  readonly headers: Headers
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The server, and what it has heard. */
export interface Listeners extends Served {
  readonly told: readonly Told[]
  /** What came in at this path. */
  at(path: string): readonly Told[]
}

/** Answers as each service does: Slack `ok`, PagerDuty 202 with the key, a webhook 204. */
export async function startListeners(): Promise<Listeners> {
  const told: Told[] = []
  const served = await serve(async (request) => {
    const { pathname } = new URL(request.url)
    const body = await request.json()
    told.push({ path: pathname, body, headers: request.headers, at: Date.now() })
    if (pathname === '/slack') return new Response('ok')
    if (pathname === '/webhook') return new Response(null, { status: 204 })
    if (pathname !== '/pagerduty') return new Response(null, { status: 404 })
    return Response.json({ status: 'success', message: 'Event processed', dedup_key: body.dedup_key }, { status: 202 })
  })
  return { ...served, told, at: (path) => told.filter((each) => each.path === path) }
}
