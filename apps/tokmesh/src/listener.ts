/** What `server.ts` asks of the runtime's HTTP server. */
import type { TlsPaths } from './listener/certificates.ts'
import type { ListenerLimits } from './listener/limits.ts'

/** What a listener itself says of a connection, among what the runtime knows about it. */
export interface ConnectionEnv {
  /** Whether the request came over TLS. Default: it did not. */
  readonly secure?: boolean
}

/** Answers a request; `env` is what the runtime knows about the connection, and {@link ConnectionEnv}. */
export type Fetch = (request: Request, env: object) => Response | Promise<Response>

/** A refusal that comes before any route is known. */
export interface Refusal {
  /** Of the contract's section 5, with the HTTP status that stands there. */
  readonly code: 'TM-SYS-4000' | 'TM-SYS-4050' | 'TM-ARG-1001'
  /** For people. */
  readonly message: string
  /** Whether the request came over TLS. */
  readonly secure: boolean
}

/** The files of a listener with TLS. */
export interface TlsFiles extends TlsPaths {
  /** Called after each change of the files, with what is wrong where the old ones stay in use. */
  onReload(error: Error | undefined): void
}

export interface ListenOptions {
  readonly fetch: Fetch
  readonly host: string
  readonly port: number
  /** Answers what is no valid HTTP request, where the runtime asks. */
  readonly refuse: (refusal: Refusal) => Response
  /** Default: those of `listener/limits.ts`. */
  readonly limits?: Partial<ListenerLimits>
  /** Makes it a port for TLS. */
  readonly tls?: TlsFiles
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

/**
 * Opens the port with the server of the runtime that this is. Rejects with the system's error, e.g. `EADDRINUSE`,
 * and with a {@link TlsFileError} for files that are missing, not to be read, or no certificate and its key.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  if (options.tls) return (await import('./listener/tls.ts')).listen(options, options.tls)
  const runtime = 'Bun' in globalThis ? await import('./listener/bun.ts') : await import('./listener/node.ts')
  return runtime.listen(options)
}
