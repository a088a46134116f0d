import { type Served, serve } from '@honoscope/testing'
import { type Conversation, conversations } from './conversations.ts'

/** How the server behaves, by the request's header `x-behaviour`. */
export const behaviours = ['ok', 'http-error', 'malformed', 'truncated', 'broken', 'stalled'] as const

/** @see behaviours */
export type Behaviour = (typeof behaviours)[number]

/** A server that speaks the three formats. */
export interface ModelServer extends Served {
  /** The bodies of the requests that came, in their order. */
  readonly bodies: readonly string[]
  /** Called before each piece of a stream but the first: it waits until that resolves. */
  pace: ((piece: number) => Promise<void>) | undefined
  /** Streams whose reader left. */
  readonly left: () => number
}

const encoder = new TextEncoder()

/** Starts one. A streamed response goes out event by event. */
export async function modelServer(): Promise<ModelServer> {
  const bodies: string[] = []
  let left = 0
  const served = await serve(async (request) => {
    bodies.push(await request.text())
    const { pathname, search } = new URL(request.url)
    const sent = bodies.at(-1)
    const conversation = conversations.find(
      ({ path, request }) => path === pathname + search && sent === JSON.stringify(request),
    )
    if (conversation === undefined) return new Response('no such model', { status: 404 })
    return answer(conversation, request.headers.get('x-behaviour') as Behaviour | null)
  })

  function answer(conversation: Conversation, behaviour: Behaviour | null): Response {
    const { error, isStream, contentType } = conversation
    const headers = { 'Content-Type': contentType, 'X-Request-Id': 'req-1' }
    if (behaviour === 'http-error') {
      return new Response(error.body, {
        status: error.status,
        headers: { ...headers, 'Content-Type': 'application/json' },
      })
    }
    const text = bodyFor(conversation, behaviour)
    if (!isStream && behaviour !== 'broken' && behaviour !== 'stalled') return new Response(text, { headers })
    return new Response(stream(piecesOf(text), behaviour), { headers })
  }

  function stream(pieces: readonly string[], behaviour: Behaviour | null): ReadableStream<Uint8Array> {
    let next = 0
    return new ReadableStream({
      async pull(controller) {
        if (next === 1 && behaviour === 'broken') return controller.error(new Error('the model fell over'))
        if (next === 1 && behaviour === 'stalled') return new Promise(() => {})
        if (next > 0) await server.pace?.(next)
        const piece = pieces[next++]
        if (piece === undefined) controller.close()
        else controller.enqueue(encoder.encode(piece))
      },
      cancel() {
        left++
      },
    })
  }
  const server: ModelServer = { ...served, bodies, pace: undefined, left: () => left }
  return server
}

/** A body of one piece becomes two, so that it can break in between. */
function piecesOf(text: string): readonly string[] {
  const events = text.split(/(?<=\n\n|\r\n\r\n|,\r\n)/)
  return events.length > 1 ? events : [text.slice(0, 20), text.slice(20)]
}

function bodyFor({ response, isStream, contentType }: Conversation, behaviour: Behaviour | null): string {
  // What a proxy in between may answer with 200.
  if (behaviour === 'malformed') {
    return isStream && contentType.includes('event-stream')
      ? response.replace('data: {', 'data: <html>{')
      : '<html>Bad gateway {"not": json}</html>'
  }
  return behaviour === 'truncated' ? response.slice(0, Math.floor(response.length / 2)) : response
}
