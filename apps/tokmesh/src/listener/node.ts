import { type AddressInfo, Server as NetServer } from 'node:net'
import type { Listener, ListenOptions } from '../listener.ts'
import { type Closing, createHttp1, open, queueToEmpty } from './http1.ts'

/** How long idle connections are kept at the end, for requests that are on their way. */
export const lingerMs = 1000

/** Opens a plain port with Node's HTTP server. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const closing: Closing = { begun: false }
  const server = createHttp1(options, closing)
  await open(server, options.host, options.port)
  return {
    port: (server.address() as AddressInfo).port,
    async stopAccepting() {
      closing.begun = true
      await queueToEmpty(server)
      // The port alone: http's own close() would also cut idle connections, on which a request may be on its way.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
      const sweep = setTimeout(() => {
        setInterval(() => server.closeIdleConnections(), 50).unref()
      }, lingerMs)
      await closed
      clearTimeout(sweep)
    },
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
