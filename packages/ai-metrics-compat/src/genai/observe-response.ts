import { type BodyKind, createBodyReader } from './body-reader.ts'
import type { Call, Observing } from './call.ts'
import { passThrough, withBody } from './pass-through.ts'
import type { ModelRequest } from './request.ts'

/** Tells the call of a response that was thrown away unread. It may come late, or never. */
const unread = new FinalizationRegistry<Call>((call) => call.abandoned())

/**
 * Returns `response` with a body that tells `call` of what passes through it; `response` itself where its body can't
 * be watched.
 */
export function observeResponse(
  response: Response,
  call: Call,
  request: ModelRequest,
  { options, guard }: Observing,
): Response {
  const kind = kindOf(response, request)
  call.responded(response.status, kind !== 'whole')
  const { body } = response
  if (typeof body?.getReader !== 'function' || body.locked) {
    call.ended()
    return response
  }
  const reader = createBodyReader(kind, options.maxParsedBytes, {
    onObject: call.read,
    onDone: call.completed,
    onUnparsed: call.unreadable,
  })
  const passing = passThrough(body, {
    chunk(bytes) {
      call.heard()
      guard.attempt('response', () => reader.push(bytes))
    },
    end() {
      call.heard()
      guard.attempt('response', () => reader.end())
      call.ended()
    },
    failed: call.failed,
    cancelled: call.abandoned,
  })
  const observed = guard.attempt('response', () => withBody(response, passing))
  if (observed === undefined) {
    call.ended()
    return response
  }
  unread.register(passing, call)
  return observed
}

/** The response says how it comes; the request only what was asked for. */
function kindOf(response: Response, request: ModelRequest): BodyKind {
  const type = response.headers.get('content-type') ?? ''
  if (type.includes('text/event-stream')) return 'events'
  if (request.growsArray) return 'objects'
  return request.isStream && response.ok && !type.includes('json') ? 'events' : 'whole'
}
