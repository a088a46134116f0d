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

/** Opens the port with `Bun.serve`. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { Bun } = globalThis as unknown as BunGlobal
  const server = Bun.serve({
    port: options.port,
    hostname: options.host,
    // The app has a limit of its own and answers in the envelope; Bun's would come first otherwise.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    // Seconds, the longest that Bun takes: a sync revoke or a slow body may take more than its default of 10.
    idleTimeout: 255,
    async fetch(request, connection) {
      const response = await options.fetch(request, connection)
      if (options.draining()) response.headers.set('Connection', 'close')
      return response
    },
    error: options.onBadRequest,
  })
  return {
    port: server.port,
    stopAccepting() {
      void server.stop()
    },
    close: () => server.stop(true),
  }
}
