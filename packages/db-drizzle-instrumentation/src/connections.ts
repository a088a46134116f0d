import { Socket } from 'node:net'

/** What postgres-js wants a socket for; it gives lists, for addresses with several hosts. */
export interface SocketTarget {
  readonly host: readonly string[]
  readonly port: readonly number[]
  /** A Unix socket. */
  readonly path?: string | false | undefined
}

/** Makes the sockets of a pool: the option `socket` of postgres-js. */
export type SocketFactory = (target: SocketTarget) => Socket | Promise<Socket>

/** Options of {@link countConnections}. */
export interface CountConnectionsOptions {
  /** Makes the sockets. Default: plain ones, to each host in turn, as the driver does. */
  readonly socket?: SocketFactory | undefined
}

/** Counts the connections of a pool of postgres-js, which does not tell. */
export interface ConnectionCount {
  /** For the option of that name. */
  readonly socket: (target: SocketTarget) => Promise<Socket>
  /** Connections that are open now. */
  open(): number
}

/**
 * Returns a counter of connections, by the sockets that it makes for the driver: pass its `socket` to `postgres()` and
 * the whole to `watchPool()`.
 *
 * @example
 * ```ts
 * import { countConnections } from '@honoscope/db-drizzle-instrumentation'
 * import postgres from 'postgres'
 *
 * const connections = countConnections()
 * const options = { max: 10, socket: connections.socket }
 * const sql = postgres('postgres://localhost/shop', options)
 * ```
 */
export function countConnections({ socket: make = plainSockets() }: CountConnectionsOptions = {}): ConnectionCount {
  const sockets = new Set<Socket>()
  const forgetClosed = (): void => {
    for (const socket of sockets) if (socket.destroyed) sockets.delete(socket)
  }
  return {
    async socket(target) {
      const socket = await make(target)
      forgetClosed()
      sockets.add(socket)
      return socket
    },
    open() {
      forgetClosed()
      let count = 0
      // No listener is needed for this, and the driver would take it off: it clears them all before TLS.
      for (const socket of sockets) if (!socket.connecting) count++
      return count
    },
  }
}

function plainSockets(): SocketFactory {
  let next = 0
  return ({ host, port, path }) => {
    const socket = new Socket()
    if (path) return socket.connect(path)
    const at = next++ % host.length
    const [name = 'localhost', number = 5432] = [host[at], port[at]]
    // The driver reads these for its messages and for the server's name in TLS.
    return Object.assign(socket.connect(number, name), { host: name, port: number })
  }
}
