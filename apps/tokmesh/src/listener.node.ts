import { createServer, type Server } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Listener, ListenOptions } from './listener.ts'

/** How long idle connections are kept, for requests that are on their way. */
const lingerMs = 1000

/** Opens the port with Node's HTTP server. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { fetch, host, port, refuse } = options
  let closing = false
  const answer = getRequestListener((request, env) => fetch(request, env), {
    // For HTTP/1.0 requests, which may come without a Host header.
    hostname: 'localhost',
    errorHandler: () => refuse({ code: 'TM-ARG-1001', message: 'The request is not valid HTTP', secure: false }),
    overrideGlobalObjects: true,
  })
  const server = createServer((incoming, outgoing) => {
    // Asked when the answer is about to go out: the end may have begun while it was made.
    const { writeHead } = outgoing
    outgoing.writeHead = function (this: typeof outgoing, ...args: unknown[]) {
      if (closing) outgoing.shouldKeepAlive = false
      return Reflect.apply(writeHead, outgoing, args)
    }
    void answer(incoming, outgoing)
  })
  await open(server, host, port)
  return {
    port: (server.address() as AddressInfo).port,
    async stopAccepting() {
      closing = true
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

/** What the system has queued for a listener is reset when that closes, so it is taken first, as far as it goes. */
async function queueToEmpty(server: Server): Promise<void> {
  let taken = true
  const take = () => {
    taken = true
  }
  server.on('connection', take)
  for (let turn = 0; turn < 50 && taken; turn++) {
    taken = false
    // Two turns of the event loop: one may have begun before the last connection came.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  }
  server.off('connection', take)
}

function open(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
