/** Refusals of what the HTTP parser doesn't take, or should not have taken. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Socket } from 'node:net'
import type { Refusal } from '../listener.ts'
import type { ListenerLimits } from './limits.ts'

type Refuse = (refusal: Refusal) => Response

/** What is wrong with a request although the parser let it pass; `undefined` for nothing. */
export function faultOf(incoming: IncomingMessage, maxHeaders: number): string | undefined {
  const { rawHeaders, headers, httpVersion } = incoming
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return `HTTP/${httpVersion} is not spoken here`
  // The parser's own limit drops the rest without a word.
  if (rawHeaders.length > 2 * maxHeaders) return `There are more than ${maxHeaders} header fields`
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) return 'There has to be one Host header'
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return 'The only transfer coding is chunked'
  return undefined
}

/** What is wrong with the size of an HTTP/2 request's headers; of HTTP/1.1 the parser looks after it. */
export function sizeFaultOf(
  { rawHeaders }: Http2ServerRequest,
  { maxHeaders, maxHeaderBytes }: Pick<ListenerLimits, 'maxHeaders' | 'maxHeaderBytes'>,
): string | undefined {
  if (rawHeaders.length > 2 * maxHeaders) return `There are more than ${maxHeaders} header fields`
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length, 0)
  return bytes > maxHeaderBytes ? `The headers are over ${maxHeaderBytes} bytes` : undefined
}

/** Answers that are refusals of {@link faultOf}. */
const refused = new WeakSet<ServerResponse>()

/** Connections whose end {@link onClientError} has brought about. */
const refusedSockets = new WeakSet<Socket>()

/** Answers with a refusal, and ends the connection. */
export async function answerRefused(outgoing: ServerResponse, response: Response): Promise<void> {
  refused.add(outgoing)
  const text = await response.text()
  const headers = { ...Object.fromEntries(response.headers), Connection: 'close', 'Content-Length': byteLength(text) }
  outgoing.writeHead(response.status, headers).end(text)
}

/** Returns the handler of `clientError`: what the parser gave up on is answered in the envelope, and the connection ended. */
export function onClientError(
  refuse: Refuse,
  secure: boolean,
  currentOf: (socket: Socket) => ServerResponse | undefined,
): (error: ParserError, socket: Socket) => void {
  return (error, socket) => {
    // One broken request can be several faults of the parser.
    if (refusedSockets.has(socket)) return
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || !socket.writable) return void socket.destroy()
    refusedSockets.add(socket)
    const answer = () => void writeRefused(socket, refuse({ ...parserFault(error), secure }))
    const current = currentOf(socket)
    // It has its refusal already, and what follows is of no interest.
    if (current && refused.has(current)) return
    if (!current || current.writableFinished || current.destroyed) return answer()
    // The request whose answer is being made is the broken one, unless it had ended: then a later one is.
    if (!current.req.complete) return current.headersSent ? void socket.destroy() : answer()
    current.once('finish', answer)
  }
}

/** Answers a CONNECT, of which node:http gives the socket alone. */
export function refuseConnect(refuse: Refuse, secure: boolean): (_: IncomingMessage, socket: Socket) => void {
  return (_, socket) => {
    socket.on('error', () => {})
    void writeRefused(socket, refuse({ code: 'TM-SYS-4050', message: 'There is no CONNECT here', secure }))
  }
}

async function writeRefused(socket: Socket, response: Response): Promise<void> {
  const text = await response.text()
  if (!socket.writable) return void socket.destroy()
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const date = `Date: ${new Date().toUTCString()}\r\nContent-Length: ${byteLength(text)}\r\nConnection: close\r\n`
  socket.end(`HTTP/1.1 ${response.status} ${reasons[response.status]}\r\n${lines}${date}\r\n${text}`)
  // A client that goes on sending gets its time to read the answer, and no more.
  setTimeout(() => socket.destroy(), lingerMs).unref()
}

/** How long a refused connection stays open for its client to close it, milliseconds. */
const lingerMs = 500

const reasons: Readonly<Record<number, string>> = { 400: 'Bad Request', 405: 'Method Not Allowed' }

const requestLine = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP\/1\.[01]\r\n/

/** What Node tells of a fault of its parser. */
interface ParserError extends Error {
  readonly code?: string
  /** What had come when it was found, from `bytesParsed` on unread. */
  readonly rawPacket?: Buffer
  readonly bytesParsed?: number
}

function parserFault({ code, rawPacket, bytesParsed = 0 }: ParserError): Pick<Refusal, 'code' | 'message'> {
  if (code === 'HPE_INVALID_METHOD') {
    const text = rawPacket?.toString('latin1', 0, bytesParsed + 4096) ?? ''
    // Behind the request before it, when they came together.
    const start = text.lastIndexOf('\r\n\r\n', bytesParsed)
    const isRequest = requestLine.test(text.slice(start < 0 ? 0 : start + 4))
    if (isRequest) return { code: 'TM-SYS-4050', message: 'There is no such method' }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { code: 'TM-SYS-4000', message: 'The request took too long' }
  if (code === 'HPE_HEADER_OVERFLOW') return { code: 'TM-SYS-4000', message: 'The headers are too large' }
  return { code: 'TM-SYS-4000', message: 'The request is not valid HTTP' }
}

const byteLength = (text: string) => Buffer.byteLength(text)
