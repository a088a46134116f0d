import { Socket } from 'node:net'

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  /** A Unix socket, where `host` is a folder. */
  readonly path: string | undefined
}

/** Where the server of an address with one host listens; `undefined` where the address leaves that to the driver. */
export function serverAddress(url: string): ServerAddress | undefined {
  const { hostname, port } = new URL(url)
  if (hostname === '') return undefined
  // The driver cuts an IPv6 address at its first colon.
  const host = decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1')
  const number = Number(port || 5432)
  return { host, port: number, path: host.includes('/') ? `${host}/.s.PGSQL.${number}` : undefined }
}

/** Begins a plain connection, fit for the driver. */
export function connectTo({ host, port, path }: ServerAddress): Socket {
  const socket = new Socket()
  if (path) return socket.connect(path)
  // The driver reads these for its messages and for the server's name in TLS.
  return Object.assign(socket.connect(port, host), { host, port })
}

/**
 * A socket that fails with `code`. The driver would lose one of its connections for good if the making of a socket
 * rejected; and it keeps what it has not handed over when a socket ends, and spoils the next connection with that. So
 * this one takes the greeting first.
 */
export function failedSocket(code: string): Socket {
  const socket = Object.assign(new Socket(), { write: () => true })
  const fail = () => socket.destroy(Object.assign(new Error(code), { code }))
  // The driver hands over in an immediate of its own, which was asked for before this one.
  setTimeout(() => setImmediate(fail), 1)
  return socket
}
