import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Listener, ListenOptions } from './listener.ts'

/** Opens the port with Node's HTTP server. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { fetch, host, port, draining, onBadRequest } = options
  const answer = getRequestListener((request, env) => fetch(request, env), {
    // For HTTP/1.0 requests, which may come without a Host header.
    hostname: 'localhost',
    errorHandler: onBadRequest,
    overrideGlobalObjects: true,
  })
  const server = createServer((incoming, outgoing) => {
    // Asked again when the answer is about to go out: the drain may have begun meanwhile.
    const { writeHead } = outgoing
    outgoing.writeHead = function (this: typeof outgoing, ...args: unknown[]) {
      if (draining()) outgoing.shouldKeepAlive = false
      return Reflect.apply(writeHead, outgoing, args)
    }
    void answer(incoming, outgoing)
  })
  await open(server, host, port)
  let sweep: ReturnType<typeof setInterval> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    stopAccepting() {
      server.close()
      // A connection whose request was under way just now becomes idle later.
      sweep = setInterval(() => server.closeIdleConnections(), 50)
    },
    async close() {
      clearInterval(sweep)
      server.close()
      server.closeAllConnections()
    },
  }
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
