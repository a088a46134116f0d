/** HTTP/1.1 as Node's server speaks it: for the plain port under Node, and behind TLS under both runtimes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Server as NetServer, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { ListenOptions, Refusal } from '../listener.ts'
import { defaultLimits, type ListenerLimits } from './limits.ts'
import { answerRefused, faultOf, onClientError, refuseConnect } from './refusals.ts'

/** Whether the end has begun: answers then say that they are the last on their connection. */
export interface Closing {
  begun: boolean
}

/** A server that is not listening yet. `onBusy` is told of each request before anything is done about it. */
export function createHttp1(
  options: ListenOptions,
  closing: Closing,
  onBusy?: (socket: Socket, outgoing: ServerResponse) => void,
): Server {
  const limits = limitsOf(options)
  const secure = options.tls !== undefined
  const answer = requestListener(options, true)
  const current = new WeakMap<Socket, ServerResponse>()
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    current.set(incoming.socket, outgoing)
    onBusy?.(incoming.socket, outgoing)
    const fault = faultOf(incoming, limits.maxHeaders)
    if (fault) return void answerRefused(outgoing, options.refuse({ code: 'TM-SYS-4000', message: fault, secure }))
    sayLastWhenClosing(outgoing, closing)
    if (isLast(incoming)) outgoing.shouldKeepAlive = false
    void answer(incoming, outgoing)
  }
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs / 4),
      // Bodies have a limit of their own, in http/body.ts; one that nobody reads is drained for half a second.
      requestTimeout: 0,
      // Looked at in faultOf(), where the refusal gets its envelope.
      requireHostHeader: false,
    },
    onRequest,
  )
  server.maxHeadersCount = 0
  server.on(
    'clientError',
    onClientError(options.refuse, secure, (socket) => current.get(socket)),
  )
  server.on('connect', refuseConnect(options.refuse, secure))
  // An expectation that one doesn't know may be passed over (RFC 9110, 10.1.1), as Bun's own port does.
  server.on('checkExpectation', onRequest)
  return server
}

/** Hands requests of Node's servers, HTTP/2 too, to `options.fetch`. With `closes` a refusal ends the connection. */
export function requestListener(
  { fetch, refuse, tls }: ListenOptions,
  closes: boolean,
): ReturnType<typeof getRequestListener> {
  const invalid: Omit<Refusal, 'secure'> = { code: 'TM-ARG-1001', message: 'The address of the request is not valid' }
  // Said over TLS alone: for each request it costs a copy.
  const connection = (env: object) => (tls ? { ...env, secure: true } : env)
  return getRequestListener((request, env) => fetch(request, connection(env)), {
    // For HTTP/1.0 requests, which may come without a Host header.
    hostname: 'localhost',
    errorHandler() {
      const response = refuse({ ...invalid, secure: tls !== undefined })
      if (closes) response.headers.set('Connection', 'close')
      return response
    },
    // Bun's own port takes no Response but Bun's.
    overrideGlobalObjects: !('Bun' in globalThis),
  })
}

/** The limits in force. */
export function limitsOf({ limits }: ListenOptions): ListenerLimits {
  return { ...defaultLimits, ...limits }
}

/**
 * Whether the connection can't be used again: nobody reads the body of a GET, and an upgrade that isn't done may cost
 * the parser what comes behind it.
 */
function isLast({ method, headers }: IncomingMessage): boolean {
  if (headers.upgrade !== undefined) return true
  if (method !== 'GET' && method !== 'HEAD') return false
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

function sayLastWhenClosing(outgoing: ServerResponse, closing: Closing): void {
  // Asked when the answer is about to go out: the end may have begun while it was made.
  const { writeHead } = outgoing
  outgoing.writeHead = function (this: typeof outgoing, ...args: unknown[]) {
    if (closing.begun) outgoing.shouldKeepAlive = false
    return Reflect.apply(writeHead, outgoing, args)
  }
}

/** Starts listening. Rejects with the system's error. */
export function open(server: NetServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
