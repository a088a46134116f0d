import type { Listener, ListenOptions } from './listener.ts'

/** What of Bun's global is used here; this app is compiled with Node's types. */
interface BunGlobal {
  readonly Bun: {
    serve(options: {
      readonly port: number
      readonly hostname: string
      readonly maxRequestBodySize: number
      readonly idleTimeout: number
      readonly fetch: (request: Request, server: object) => Promise<Response>
      readonly error: () => Response
    }): { readonly port: number; stop(closeActive?: boolean): Promise<void> }
  }
}

/** How long connections are said goodbye to, before the port is closed. */
const farewellMs = 300

/** Opens the port with `Bun.serve`. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { Bun } = globalThis as unknown as BunGlobal
  const bad = () => options.refuse({ code: 'TM-ARG-1001', message: 'The request is not valid HTTP', secure: false })
  let closing = false
  const server = Bun.serve({
    port: options.port,
    hostname: options.host,
    // The app has a limit of its own and answers in the envelope; Bun's would come first otherwise.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    // Seconds, the longest that Bun takes: a sync revoke or a slow body may take more than its default of 10.
    idleTimeout: 255,
    async fetch(request, connection) {
      if (request.url.startsWith('/') && !completeUrl(request)) return bad()
      const response = await options.fetch(request, connection)
      if (closing) response.headers.set('Connection', 'close')
      return response
    },
    error: bad,
  })
  return {
    port: server.port,
    async stopAccepting() {
      closing = true
      // stop() cuts connections that are idle, on which a request may be on its way: first every client that is
      // at work gets an answer that says so.
      await new Promise((resolve) => setTimeout(resolve, farewellMs))
      await server.stop()
    },
    close: () => server.stop(true),
  }
}

/**
 * Where there is no valid Host header Bun gives the path alone as the URL, which Hono can't take apart. HTTP/1.0 does
 * without that header, and some load balancers ask for `/health` so. False for a header that is there and malformed.
 */
function completeUrl(request: Request): boolean {
  if (request.headers.get('host')) return false
  // Its own property, not a new Request: the address of the client is found by this one.
  Object.defineProperty(request, 'url', { value: new URL(`http://localhost${request.url}`).href })
  return true
}
