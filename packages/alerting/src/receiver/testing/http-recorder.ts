import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that came. */
export interface Recorded {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** An answer. `hang` never comes. */
export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'hang'

/** A real server on 127.0.0.1 that writes down what comes. */
export interface HttpRecorder {
  readonly url: string
  readonly requests: Recorded[]
  /** What is answered from now on. */
  answer: (request: Recorded) => Answer
  stop(): Promise<void>
}

/** Resolves to a server that answers by `answer`. */
export async function httpRecorder(answer: (request: Recorded) => Answer): Promise<HttpRecorder> {
  const server: Server = createServer(async (incoming, response) => {
    const request = await recordOf(incoming)
    recorder.requests.push(request)
    const it = recorder.answer(request)
    if (it !== 'hang') response.writeHead(it.status, it.headers).end(it.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const recorder: HttpRecorder = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    answer,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return recorder
}

async function recordOf(incoming: IncomingMessage): Promise<Recorded> {
  let body = ''
  incoming.setEncoding('utf8')
  for await (const chunk of incoming) body += chunk
  return { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body }
}
