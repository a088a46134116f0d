import type { Listener, ListenOptions, Refusal } from '../listener.ts'

/** What of Bun's server object is used here; this app is compiled with Node's types. */
interface BunServer {
  readonly port: number
  stop(closeActive?: boolean): Promise<void>
  /** Seconds in which the next request or answer of this request's connection has to come. */
  timeout(request: Request, seconds: number): void
}

interface BunGlobal {
  readonly Bun: {
    serve(options: {
      readonly port: number
      readonly hostname: string
      readonly maxRequestBodySize: number
      readonly idleTimeout: number
      readonly fetch: (request: Request, server: BunServer) => Promise<Response>
      readonly error: () => Response
    }): BunServer
  }
}

/** How long connections are said goodbye to, before the port is closed. */
const farewellMs = 300

/**
 * Seconds from the last request or answer of a connection to its end, for the making of an answer too: a body takes
 * up to 40 s at the default limit, a revoke on a majority of nodes up to 60 s.
 */
const quietSeconds = 120

/** The same after a body that nobody has read, and that is still coming. */
const unreadSeconds = 2

/** Opens a plain port with `Bun.serve`. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { Bun } = globalThis as unknown as BunGlobal
  const refusal: Refusal = { code: 'TM-ARG-1001', message: 'The address of the request is not valid', secure: false }
  const bad = () => options.refuse(refusal)
  let closing = false
  let anyCutShort = false
  const server = Bun.serve({
    port: options.port,
    hostname: options.host,
    // The app has a limit of its own and answers in the envelope; Bun's would come first otherwise.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    idleTimeout: quietSeconds,
    async fetch(request, connection) {
      if (request.url.startsWith('/') && !completeUrl(request)) return bad()
      // It holds for the connection, and this request may be on one that was cut short.
      if (anyCutShort) connection.timeout(request, quietSeconds)
      const response = await options.fetch(request, connection)
      // Bun leaves it out of what has no body, and callers set their clocks by it.
      if (request.method === 'HEAD') response.headers.set('Date', new Date().toUTCString())
      if (response.status === 413) {
        anyCutShort = true
        connection.timeout(request, unreadSeconds)
      }
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
