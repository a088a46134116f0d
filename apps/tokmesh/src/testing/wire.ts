/** Clients that see and send what is on the wire. */
import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/** What came back on a connection. */
export interface Conversation {
  /** Everything, as Latin-1. */
  readonly text: string
  /** Who ended it: the server, with or without an error, or this client because its patience was over. */
  readonly end: 'closed' | 'reset' | 'open'
  /** Of a connection that was reset, or never came to be. */
  readonly error?: string
  /** Milliseconds. */
  readonly tookMs: number
}

export interface TalkOptions {
  readonly port: number
  /** Makes it TLS. */
  readonly tls?: ConnectionOptions
  /** Milliseconds; default 2000. */
  readonly patienceMs?: number
  /** Sent over and over, or as often as `times` says, after each pause of `everyMs`. */
  readonly dribble?: { readonly text: string; readonly everyMs: number; readonly times?: number }
  /** Ends the talk early. */
  readonly until?: RegExp
}

/** Sends `text`, Latin-1, as it is, and listens. */
export function talk(text: string, options: TalkOptions): Promise<Conversation> {
  const { port, tls, patienceMs = 2000, dribble, until } = options
  const startedAt = performance.now()
  return new Promise((resolve) => {
    let answer = ''
    const host = '127.0.0.1'
    let repeat: NodeJS.Timeout | undefined
    const start = () => {
      socket.write(text, 'latin1')
      if (!dribble) return
      let left = dribble.times ?? Number.POSITIVE_INFINITY
      repeat = setInterval(() => left-- > 0 && socket.writable && socket.write(dribble.text, 'latin1'), dribble.everyMs)
    }
    const socket: Socket = tls ? connectTls({ port, host, ...tls }, start) : connectTcp(port, host, start)
    const end = (how: Conversation['end'], error?: Error) => {
      clearInterval(repeat)
      clearTimeout(patience)
      socket.destroy()
      resolve({ text: answer, end: how, tookMs: performance.now() - startedAt, ...(error && { error: error.message }) })
    }
    const patience = setTimeout(() => end('open'), patienceMs)
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      answer += chunk
      if (until?.test(answer)) end('open')
    })
    socket.on('close', () => end('closed'))
    socket.on('error', (error) => end('reset', error))
  })
}

/** The answers in a conversation: status, headers in lower case, and body, for bodies with a length. */
export function answersIn(text: string): readonly WireAnswer[] {
  const answers: WireAnswer[] = []
  let rest = text
  while (rest.startsWith('HTTP/')) {
    const split = rest.indexOf('\r\n\r\n')
    if (split < 0) break
    const [first = '', ...lines] = rest.slice(0, split).split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => line.split(/:\s*/, 2)).map(([k = '', v = '']) => [k.toLowerCase(), v]),
    )
    rest = rest.slice(split + 4)
    const { body, after } = bodyOf(rest, headers)
    rest = after
    const status = Number(first.split(' ')[1])
    if (status !== 100) answers.push({ status, headers, body, code: headers['x-error-code'] ?? '' })
  }
  return answers
}

export interface WireAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** `X-Error-Code`, or `''`. */
  readonly code: string
}

function bodyOf(rest: string, headers: Readonly<Record<string, string>>): { body: string; after: string } {
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = Number(headers['content-length'] ?? 0)
    return { body: rest.slice(0, length), after: rest.slice(length) }
  }
  let body = ''
  let at = 0
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at)
    const size = Number.parseInt(rest.slice(at, lineEnd), 16)
    if (lineEnd < 0 || !(size > 0)) return { body, after: rest.slice(lineEnd + 4) }
    body += rest.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 4 + size
  }
}

/** Asks over an HTTP/2 connection. */
export function askHttp2(
  session: ClientHttp2Session,
  method: string,
  path: string,
  { headers = {}, body }: { readonly headers?: OutgoingHttpHeaders; readonly body?: string } = {},
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, ...headers }, { endStream: body === undefined })
    let answer: Record<string, string> = {}
    let text = ''
    stream.setEncoding('utf8')
    stream.on('response', (all) => {
      answer = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]))
    })
    stream.on('data', (chunk) => {
      text += chunk
    })
    stream.on('end', () => {
      resolve({ status: Number(answer[':status']), headers: answer, body: text, code: answer['x-error-code'] ?? '' })
    })
    stream.on('error', reject)
    if (body !== undefined) stream.end(body)
  })
}

/** An HTTP/2 connection. */
export function openHttp2(port: number, tls: ConnectionOptions): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, tls)
    session.once('connect', () => resolve(session))
    session.once('error', reject)
    session.on('error', () => {})
  })
}
