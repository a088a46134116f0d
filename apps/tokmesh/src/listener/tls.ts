/**
 * A port with TLS, for both runtimes: HTTP/2 and HTTP/1.1, as the client likes.
 *
 * TLS is spoken by a server of its own, which hands connections to an HTTP/1.1 or an HTTP/2 server. One made by
 * `http2.createSecureServer({ allowHTTP1 })` has none of node:http's limits on size and time, and `Bun.serve` can't
 * change its certificate.
 */
import {
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { createServer as createTls, type TLSSocket, type Server as TlsServer } from 'node:tls'
import type { Fetch, Listener, ListenOptions, Refusal, TlsFiles } from '../listener.ts'
import { signatureOf, watchCertificates } from './certificate-watch.ts'
import { contextOf, readCertificates } from './certificates.ts'
import { type Connections, createConnections } from './deadlines.ts'
import { queueToEmpty, sweepUntil } from './ending.ts'
import { type Closing, createHttp1, limitsOf, open, requestListener } from './http1.ts'
import { sizeFaultOf } from './refusals.ts'
import { createWriteDeadlines, type WriteDeadlines } from './unread.ts'

/** Opens a port with TLS. Rejects with a `TlsFileError` for files that can't be used. */
export async function listen(options: ListenOptions, files: TlsFiles): Promise<Listener> {
  const limits = limitsOf(options)
  const closing: Closing = { begun: false }
  // Before the files are read: whatever is put there from now on is noticed.
  const seen = await signatureOf(files)
  const front = createTls({
    ...contextOf(readCertificates(files)),
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: limits.headersTimeoutMs,
    ...(files.clientCaFile !== undefined && { requestCert: true, rejectUnauthorized: true }),
  })
  front.maxConnections = limits.maxConnections
  const sockets = everySocket(front)
  const deadlines = createWriteDeadlines(limits)
  front.once('close', deadlines.stop)
  const connections = createConnections(limits, (socket, asked) => {
    if (!asked) return void socket.destroy()
    http1.emit('clientError', Object.assign(new Error('slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
  })
  const http1 = createHttp1(options, closing, connections.busy)
  const sessions = new Set<ServerHttp2Session>()
  const http2 = createHttp2Server(options, sessions, deadlines)
  front.on('secureConnection', (socket) => {
    deadlines.watch(socket, () => socket.destroy())
    // Without ALPN a client speaks HTTP/1.1.
    if (socket.alpnProtocol === 'h2') return void http2.emit('connection', socket)
    connections.add(socket)
    http1.emit('connection', socket)
  })
  await open(front, options.host, options.port).catch((error) => {
    deadlines.stop()
    throw error
  })
  const endWatch = watchCertificates({
    ...{ files, seen },
    use: (certificates) => front.setSecureContext(contextOf(certificates)),
  })
  return {
    port: (front.address() as AddressInfo).port,
    async stopAccepting() {
      closing.begun = true
      endWatch()
      deadlines.hurry()
      await drain(front, connections, sessions)
    },
    async close() {
      endWatch()
      front.close()
      for (const session of sessions) session.destroy()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Every connection that is open, those that haven't said anything yet too. */
function everySocket(front: TlsServer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  const add = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // Clients go away without a word; what that means is for the HTTP servers to say.
    socket.on('error', () => {})
  }
  front.on('connection', add)
  front.on('secureConnection', add)
  front.on('tlsClientError', (_, socket: TLSSocket) => socket.destroy())
  return sockets
}

/** The protocol's own refusal is a reset without a word: up to four times the limit there is an answer that says why. */
const headroom = 4

function createHttp2Server(
  options: ListenOptions,
  sessions: Set<ServerHttp2Session>,
  deadlines: WriteDeadlines,
): ReturnType<typeof createHttp2> {
  const limits = limitsOf(options)
  const fetch: Fetch = async (request, env) => {
    const response = await options.fetch(request, env)
    // HTTP/2 has other ways to say it.
    response.headers.delete('Connection')
    return response
  }
  const answer = requestListener({ ...options, fetch }, false)
  // The whole connection, as over HTTP/1.1: one whose client doesn't read takes no word about a stream either.
  const watch = (outgoing: Http2ServerResponse) => {
    deadlines.watch(outgoing, () => outgoing.stream?.session?.destroy())
  }
  const onRequest = (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => {
    watch(outgoing)
    const fault = sizeFaultOf(incoming, limits)
    if (fault) return refuse(outgoing, { code: 'TM-SYS-4000', message: fault, secure: true })
    void answer(incoming, outgoing)
  }
  const refuse = (outgoing: Http2ServerResponse, refusal: Refusal) => {
    const response = options.refuse(refusal)
    void response
      .text()
      .then((text) => outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(text))
  }
  const server = createHttp2(
    {
      settings: {
        maxConcurrentStreams: limits.maxStreams,
        maxHeaderListSize: headroom * limits.maxHeaderBytes,
        enableConnectProtocol: false,
      },
      maxHeaderListPairs: headroom * limits.maxHeaders,
      // Megabytes of one connection: headers, queued frames and settings.
      maxSessionMemory: 10,
    },
    onRequest,
  )
  server.on('checkExpectation', onRequest)
  server.on('connect', (_, outgoing: Http2ServerResponse) => {
    watch(outgoing)
    refuse(outgoing, { code: 'TM-SYS-4050', message: 'There is no CONNECT here', secure: true })
  })
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    session.on('error', () => {})
    session.setTimeout(limits.idleTimeoutMs, () => session.close())
  })
  server.on('sessionError', () => {})
  return server
}

/** Says goodbye in both protocols, and waits for the connections to end. */
async function drain(
  front: TlsServer,
  connections: Connections,
  sessions: Iterable<ServerHttp2Session>,
): Promise<void> {
  await queueToEmpty(front)
  const closed = new Promise<void>((resolve) => void front.close(() => resolve()))
  // "No more from now on, but what is on its way counts": the number is the highest that a stream can have.
  for (const session of sessions) if (!session.destroyed) session.goaway(0, 2 ** 31 - 1)
  await sweepUntil(closed, () => {
    connections.closeIdle()
    for (const session of sessions) if (!session.closed) session.close()
  })
}
