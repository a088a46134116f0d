import type { Context } from 'hono'
import type { Exchange, Outcome, Work } from './exchange.ts'
import { foldMethod } from './method.ts'
import type { Observer } from './observer.ts'
import { type Outgoing, outgoingOf } from './outgoing.ts'
import { routeOf } from './route.ts'
import { type ActiveSpan, currentScope, type Scope } from './scope.ts'

/**
 * The Exchange while `observe()` fills it in.
 *
 * A class, because one is made for each request and all need one shape. No closure is kept in it, for the same reason.
 */
export class ObservedExchange implements Exchange, Scope {
  readonly context: Context
  readonly observer: Observer
  readonly method: string
  readonly startedAt: number
  /** Node's own response, where there is one. */
  readonly outgoing: Outgoing | undefined
  status = 0
  outcome: Outcome = 'ok'
  error: unknown = undefined
  ttfbMs = 0
  durationMs = 0
  /** What each instrument's `start` returned, by the place of the instrument. */
  states: unknown[] = noStates
  /** The handler is done. */
  isAnswered = false
  /** `end` was called. */
  isOver = false
  /** The exchange of another observer on the same response. */
  outer: ObservedExchange | undefined = undefined
  /** Bytes that went out so far; `undefined` while nobody can count them. */
  sentBytes: number | undefined = undefined
  /** The last response that Hono's own helpers made, and its text, measured only when somebody asks. */
  sentResponse: Response | undefined = undefined
  sentText: string | undefined = undefined
  /** The template, once it is final. */
  finalRoute: string | undefined = undefined
  span: ActiveSpan | undefined = undefined
  work: ReadonlyMap<string, Work> = noWork

  constructor(context: Context, observer: Observer) {
    this.context = context
    this.observer = observer
    this.method = foldMethod(context.req.method)
    this.outgoing = outgoingOf(context)
    this.startedAt = observer.clock()
    // An observer inside of another, or a request that the app sends to itself: the span around it stays until it has its own.
    if (observer.has.scope) this.span = currentScope()?.span
  }

  get exchange(): Exchange {
    return this
  }

  addWork(kind: string, durationMs: number): void {
    if (this.work === noWork) this.work = new Map()
    const work = this.work as Map<string, Total>
    const total = work.get(kind)
    if (total !== undefined) {
      total.count++
      total.durationMs += durationMs
    } else if (work.size < maxKinds) work.set(kind, { count: 1, durationMs })
  }

  get route(): string {
    if (this.finalRoute !== undefined) return this.finalRoute
    const route = routeOf(this.context, this.status, this.observer.app)
    // Before the handler is done a middleware may still answer, so the template is not final.
    if (this.status !== 0) this.finalRoute = route
    return route
  }

  get requestBytes(): number | undefined {
    return bodyBytesOf(this.context)
  }

  get responseBytes(): number | undefined {
    if (this.method === 'HEAD' || hasNoBody(this.status)) return 0
    if (this.sentBytes === undefined && this.sentText !== undefined) this.sentBytes = byteLength(this.sentText)
    return this.sentBytes
  }
}

interface Total extends Work {
  count: number
  durationMs: number
}

/** Shared by all exchanges that have done none; never written to. */
const noWork: ReadonlyMap<string, Work> = new Map()

/** Kinds are constants of the packages that add them; a caller who makes them up must not fill the memory. */
const maxKinds = 16

/** Shared by all exchanges whose instruments keep none; never written to. */
export const noStates: unknown[] = []

/** Whether HTTP forbids a body with this status (RFC 9110, sections 15.2, 15.3.5 and 15.4.5). */
export function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304
}

/** What of Node's request is read here; `@hono/node-server` passes it in `c.env`. */
interface NodeIncoming {
  readonly httpVersionMajor?: number
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
}

function bodyBytesOf(c: Context): number | undefined {
  // Neither has a body that means anything (RFC 9110, section 9.3), and most requests are one of them.
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return 0
  const incoming = (c.env as { incoming?: NodeIncoming } | undefined)?.incoming
  const headers = incoming?.headers
  // Node's own object is already there; asking Hono would build a Headers.
  const length = headers ? headers['content-length'] : c.req.header('content-length')
  if (typeof length === 'string') return Number(length)
  const coding = headers ? headers['transfer-encoding'] : c.req.header('transfer-encoding')
  if (coding !== undefined) return undefined
  // HTTP/1.1 says so when there is a body; HTTP/2, and a request that came over no connection, need not.
  return incoming?.httpVersionMajor === 1 || c.req.raw.body === null ? 0 : undefined
}

const encoder = new TextEncoder()

/** Length of `text` in UTF-8. */
export const byteLength: (text: string) => number =
  'Buffer' in globalThis ? (text) => Buffer.byteLength(text) : (text) => encoder.encode(text).byteLength
