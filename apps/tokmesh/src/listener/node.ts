import { type AddressInfo, Server as NetServer } from 'node:net'
import type { Listener, ListenOptions } from '../listener.ts'
import { queueToEmpty, sweepUntil } from './ending.ts'
import { type Closing, createHttp1, limitsOf, open } from './http1.ts'
import { createWriteDeadlines } from './unread.ts'

/** Opens a plain port with Node's HTTP server. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const limits = limitsOf(options)
  const closing: Closing = { begun: false }
  const server = createHttp1(options, closing)
  server.maxConnections = limits.maxConnections
  await open(server, options.host, options.port)
  const deadlines = createWriteDeadlines(limits)
  server.on('connection', (socket) => deadlines.watch(socket, () => socket.destroy()))
  server.once('close', deadlines.stop)
  return {
    port: (server.address() as AddressInfo).port,
    async stopAccepting() {
      closing.begun = true
      deadlines.hurry()
      await queueToEmpty(server)
      // The port alone: http's own close() would also cut idle connections, on which a request may be on its way.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
      await sweepUntil(closed, () => server.closeIdleConnections())
    },
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
