import type { Socket } from 'node:net'
import type { SocketFactory } from '@honoscope/db-drizzle-instrumentation'
import { readServers } from '../database-servers.ts'
import { createPace } from './pace.ts'
import { findPrimary } from './scout.ts'
import { connectTo, failedSocket, serverAddress } from './server-socket.ts'

/** The way to the primary, which another server may become. */
export interface PrimaryRoute {
  /** The address for the driver: credentials, database and parameters, which are the same for all servers. */
  readonly url: string
  /** Options for the driver. Its connections go to the server that is the primary then, and are given up if it is none. */
  readonly options: { readonly socket: SocketFactory; readonly target_session_attrs?: 'primary' }
  /**
   * A statement has failed so. Connections to what is no primary any more are ended, so that the driver makes new
   * ones: at once when the server may not write (25006), and when it does not answer and another one is the primary.
   */
  heed(code: string): void
}

/** How long it is remembered that no server would do, and how often a fault is heeded at most. */
const [noneMs, heedMs] = [200, 1_000]

/**
 * Returns the way to the primary of an address. With one server that is the server; with several they are asked which
 * of them it is: at first, and again whenever a connection to the one that was it has ended. At most `burst`
 * connections are begun in `windowMs`.
 */
export function routeToPrimary(address: string, burst: number, windowMs = 200): PrimaryRoute {
  const servers = readServers(address)
  const { urls, wanted } = servers
  const [url = address] = urls
  const places = urls.map(serverAddress)
  const pace = createPace(burst, windowMs)
  const sockets = new Map<Socket, number>()
  let found: { readonly at: number | undefined; readonly when: number } = { at: undefined, when: -noneMs }
  let looking: Promise<number | undefined> | undefined
  let heeded = Number.NEGATIVE_INFINITY

  const look = () => {
    looking ??= findPrimary(servers).then((at) => {
      found = { at, when: performance.now() }
      looking = undefined
      return at
    })
    return looking
  }
  /** Forgets the connections that have ended; whether one of them went to what was the primary. */
  const forgetEnded = (): boolean => {
    // The driver takes all listeners off a socket before TLS, so an end is looked for and not heard of.
    const ended = [...sockets].filter(([socket]) => socket.destroyed)
    for (const [socket] of ended) sockets.delete(socket)
    return ended.some(([, at]) => at === found.at)
  }
  const current = async (): Promise<number | undefined> => {
    const hasEnded = forgetEnded()
    if (urls.length === 1) return 0
    const isOld = found.at === undefined && performance.now() - found.when >= noneMs
    return hasEnded || isOld ? look() : found.at
  }
  const giveUp = (at?: number) => {
    // From a timer: the driver then hands over what it is about to write before it hears of the end, or the next
    // connection would begin with that.
    for (const [socket, to] of sockets) if (to !== at) setTimeout(() => socket.destroy(), 1)
  }

  return {
    url,
    options: {
      ...(wanted && { target_session_attrs: 'primary' as const }),
      async socket(target) {
        const at = await current()
        if (at === undefined) return failedSocket('NO_PRIMARY')
        await pace()
        const { host: [host = 'localhost'] = [], port: [port = 5432] = [], path } = target
        const socket = connectTo(places[at] ?? { host, port, path: path || undefined })
        sockets.set(socket, at)
        return socket
      },
    },
    heed(code) {
      const now = performance.now()
      const isDoubt = code === '25006' || (code === 'DEADLINE' && urls.length > 1)
      if (!isDoubt || now - heeded < heedMs) return
      heeded = now
      if (code === '25006') giveUp()
      else void look().then((at) => at !== undefined && giveUp(at))
    },
  }
}
