import { connect, createServer, type Socket } from 'node:net'

/** A port of 127.0.0.1 behind which a server stands, and later another. */
export interface Switch {
  readonly port: number
  /** New connections lead there. */
  to(port: number): void
  /** Ends the connections that are open. */
  cut(): void
  stop(): Promise<void>
}

/** Starts one that leads to `target`. */
export async function startSwitch(target: number): Promise<Switch> {
  const sockets = new Set<Socket>()
  let current = target
  const server = createServer((client) => {
    const upstream = connect(current, '127.0.0.1')
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the switch has no port')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    to(port) {
      current = port
    },
    cut,
    stop() {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
