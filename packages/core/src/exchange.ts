import type { Context } from 'hono'
import type { ActiveSpan } from './scope.ts'

/**
 * How an exchange ended.
 *
 * - `ok`: the last byte was handed to the client's connection, whatever the status.
 * - `aborted`: the client went away before that.
 * - `error`: the handler threw, or the body failed half way.
 */
export type Outcome = 'ok' | 'aborted' | 'error'

/** What a request spent on one kind of work. */
export interface Work {
  /** How often, e.g. the number of queries. */
  readonly count: number
  /** Milliseconds in sum; more than the request took, when some of it ran at the same time. */
  readonly durationMs: number
}

/** One request and its response, as `observe()` sees them. Hooks read it; only `span` and `addWork` are for writing. */
export interface Exchange {
  /** Hono's context. Headers may be set on it in `respond`, never later. */
  readonly context: Context
  /** Request method as sent if it is one of {@link knownMethods}, else `_OTHER`. */
  readonly method: string
  /** Template of the route that was aimed at, e.g. `/users/:id`; `unmatched` where there is none. Right from `respond` on. */
  readonly route: string
  /** Status that the client gets. 0 before `respond`. */
  readonly status: number
  /** Right in `end`; `ok` before. */
  readonly outcome: Outcome
  /** What the handler or the body threw, any type; `undefined` when nothing was thrown. */
  readonly error: unknown
  /** Milliseconds of the observer's monotonic clock when the request was seen. */
  readonly startedAt: number
  /** Milliseconds from `startedAt` until the headers were sent, alone or with the body. 0 before `respond`. */
  readonly ttfbMs: number
  /** Milliseconds from `startedAt` to the end. 0 before `end`. */
  readonly durationMs: number
  /** Bytes of the request body, by `Content-Length`; `undefined` for a chunked one. A request without a body has 0. */
  readonly requestBytes: number | undefined
  /** Bytes of the response body that were sent, before any transfer coding; `undefined` when they can't be known. Right in `end`. */
  readonly responseBytes: number | undefined
  /** The server span: set by the tracing instrument in `start`, for the others to point to. `undefined` without one. */
  span: ActiveSpan | undefined
  /** What was added by {@link addWork}, by kind. */
  readonly work: ReadonlyMap<string, Work>
  /** Adds one piece of work to the totals of its kind, e.g. `db`. Kinds are constants: after 16 no new one is taken. */
  addWork(kind: string, durationMs: number): void
}
