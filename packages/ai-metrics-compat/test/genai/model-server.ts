import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Conversation, conversations } from './conversations.ts'

/**
 * How the server behaves, by the request's header `x-behaviour`: `broken` cuts the connection after the first piece,
 * `stalled` sends no more after it, `malformed` and `truncated` end well as far as HTTP can tell.
 */
export type Behaviour = 'ok' | 'http-error' | 'malformed' | 'truncated' | 'broken' | 'stalled'

/** A server that speaks the three formats. */
export interface ModelServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  /** Set: each piece of a stream but the first is sent only when this has resolved. */
  pace: ((piece: number) => Promise<void>) | undefined
  /** Connections that were closed before their response was complete. */
  readonly left: () => number
  /** What `traceparent` the last request had. */
  readonly traceparent: () => string | undefined
  stop(): Promise<void>
}

/** Starts one. A streamed response goes out event by event. On `node:http`, as it lets a test cut a connection. */
export async function modelServer(): Promise<ModelServer> {
  let left = 0
  let traceparent: string | undefined
  const server = createServer((request, response) => {
    traceparent = request.headers.traceparent as string | undefined
    response.on('close', () => {
      if (!response.writableFinished) left++
    })
    void answer(request, response, (piece) => made.pace?.(piece) ?? Promise.resolve())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const made: ModelServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    pace: undefined,
    left: () => left,
    traceparent: () => traceparent,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return made
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pace: (piece: number) => Promise<void>,
): Promise<void> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  const conversation = conversations.find(
    (known) => known.path === request.url && JSON.stringify(known.request) === body,
  )
  if (conversation === undefined) return void response.writeHead(404).end('no such model')
  const behaviour = (request.headers['x-behaviour'] ?? 'ok') as Behaviour
  const { error, isStream, contentType } = conversation
  if (behaviour === 'http-error') {
    return void response.writeHead(error.status, { 'Content-Type': 'application/json' }).end(error.body)
  }
  const text = bodyFor(conversation, behaviour)
  response.writeHead(200, { 'Content-Type': contentType, 'X-Request-Id': 'req-1', 'Set-Cookie': ['a=1', 'b=2'] })
  if (!isStream && (behaviour === 'ok' || behaviour === 'malformed' || behaviour === 'truncated')) {
    return void response.end(text)
  }
  for (const [index, piece] of piecesOf(text).entries()) {
    if (index > 0) await pace(index)
    if (index === 1 && behaviour === 'stalled') return
    if (index === 1 && behaviour === 'broken') return void (await cut(response))
    response.write(piece)
  }
  response.end()
}

/** Late enough for what was written to arrive. */
async function cut(response: ServerResponse): Promise<void> {
  await sleep(30)
  response.socket?.destroy()
}

/** A body of one piece becomes two, so that it can break in between. */
function piecesOf(text: string): readonly string[] {
  const events = text.split(/(?<=\n\n|\r\n\r\n|,\r\n)/)
  return events.length > 1 ? events : [text.slice(0, 20), text.slice(20)]
}

function bodyFor({ response, contentType }: Conversation, behaviour: Behaviour): string {
  // What a proxy in between may answer with 200.
  if (behaviour === 'malformed') {
    return contentType.includes('event-stream')
      ? response.replace('data: {', 'data: <html>{')
      : '<html>Bad gateway {"not": json}</html>'
  }
  return behaviour === 'truncated' ? response.slice(0, Math.floor(response.length / 2)) : response
}
