/** What `server.ts` asks of the runtime's HTTP server. */

/** Answers a request; `env` is what the runtime knows about the connection. */
export type Fetch = (request: Request, env: object) => Response | Promise<Response>

export interface ListenOptions {
  readonly fetch: Fetch
  readonly host: string
  readonly port: number
  /** Answers what is no valid HTTP request, where the runtime asks. */
  readonly onBadRequest: () => Response
}

/** An open port. */
export interface Listener {
  /** The one that was asked for, or the one that the system chose for port 0. */
  readonly port: number
  /**
   * Takes no new connection. On those that there are, one more answer each says that it is the last. Resolves when
   * no connection is left; those on which nothing has come for a second are ended.
   */
  stopAccepting(): Promise<void>
  /** Ends every connection. */
  close(): Promise<void>
}

/** Opens the port with the server of the runtime that this is. Rejects with the system's error, e.g. `EADDRINUSE`. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const runtime = 'Bun' in globalThis ? await import('./listener.bun.ts') : await import('./listener.node.ts')
  return runtime.listen(options)
}
