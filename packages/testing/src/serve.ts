import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

/** An app on a real port of 127.0.0.1. */
export interface Served {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Closes the listener and every connection. */
  stop(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: the second argument differs between the runtimes.
type Fetch = (request: Request, env?: any) => Response | Promise<Response>

/** What of Bun's global is used here; this package is compiled with Node's types. */
interface BunLike {
  serve(options: { port: number; hostname: string; fetch: Fetch; error: () => Response; websocket?: unknown }): {
    port: number
    stop(closeActive: boolean): Promise<void>
  }
}

/** The runtime that this test runs under. */
export const runtime: 'node' | 'bun' = 'Bun' in globalThis ? 'bun' : 'node'

/** Serves `fetch` over real HTTP: `@hono/node-server` under Node, `Bun.serve` under Bun. `websocket` is Bun's handler object. */
export async function serve(fetch: Fetch, options: { readonly websocket?: unknown } = {}): Promise<Served> {
  return runtime === 'bun' ? serveBun(fetch, options.websocket) : serveNode(fetch)
}

function serveBun(fetch: Fetch, websocket: unknown): Served {
  const bun = (globalThis as unknown as { Bun: BunLike }).Bun
  const server = bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch,
    error: serverError,
    ...(websocket ? { websocket } : {}),
  })
  return { url: `http://127.0.0.1:${server.port}`, port: server.port, stop: () => server.stop(true) }
}

// Without it Bun's test runner takes each error that an app lets through for a failure of the test.
const serverError = (): Response => new Response('Internal Server Error', { status: 500 })

async function serveNode(fetch: Fetch): Promise<Served> {
  const server: Server = createServer(getRequestListener(fetch))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
