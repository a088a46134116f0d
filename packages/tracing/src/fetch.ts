import { type CurrentSpan, currentSpan, startChild } from './active-span.ts'
import { attempt } from './attempt.ts'
import type { Engine } from './engine.ts'
import { type CallOptions, describeCall, describeResponse } from './fetch-attributes.ts'
import { inject } from './propagator.ts'
import { endFailed, endSpan } from './span.ts'
import type { ExceptionDetail } from './span-error.ts'

type Fetch = typeof globalThis.fetch

/** What `tracing.createFetch()` takes. */
export interface FetchOptions extends CallOptions {
  /**
   * Whether a call to this URL carries `traceparent`, `tracestate` and `baggage`. One that throws means no.
   * Default: every call does, those to other companies too.
   */
  readonly propagateTo?: (url: URL) => boolean
}

/** Wraps a `fetch`. */
export type CreateFetch = <F extends Fetch>(base: F, options?: FetchOptions) => F

/** `SpanKind.CLIENT`; the API itself is not loaded while tracing is off. */
const clientKind = 2

/** Makes what wraps a `fetch`. Without an engine the result is the one that was given. */
export function createCreateFetch(engine: Engine | undefined, exceptions: ExceptionDetail): CreateFetch {
  return <F extends Fetch>(base: F, options: FetchOptions = {}): F => {
    checkFetchOptions(base, options)
    if (engine === undefined) return base
    // A proxy, so that what a runtime keeps on its fetch, such as Bun's preconnect, is there too.
    return new Proxy(base, {
      // Not with the caller's `this`: that is the tracing object.
      apply: (_, _self, args: Parameters<Fetch>) => call(engine, base, args, options, exceptions),
    })
  }
}

function checkFetchOptions(base: unknown, { path, propagateTo }: FetchOptions): void {
  if (typeof base !== 'function') throw new TypeError('tracing.createFetch(): "base" must be a function')
  if (path !== undefined && path !== 'full' && path !== 'redacted') {
    throw new TypeError('tracing.createFetch(): "path" must be one of redacted, full')
  }
  if (propagateTo !== undefined && typeof propagateTo !== 'function') {
    throw new TypeError('tracing.createFetch(): "propagateTo" must be a function')
  }
}

/** A call that is to be made. */
interface Prepared {
  readonly args: Parameters<Fetch>
  /** `undefined` when no span is made for it. */
  readonly span: CurrentSpan | undefined
}

async function call(
  engine: Engine,
  base: Fetch,
  given: Parameters<Fetch>,
  options: FetchOptions,
  exceptions: ExceptionDetail,
): Promise<Response> {
  const { args, span } = attempt(() => prepare(engine, given, options)) ?? { args: given, span: undefined }
  if (span === undefined) return base(...args)
  try {
    const response = await base(...args)
    attempt(() => span.recording && describeResponse(span.recording, response))
    endSpan(span)
    return response
  } catch (error) {
    endFailed(span, error, exceptions)
    throw error
  }
}

function prepare(engine: Engine, [input, init]: Parameters<Fetch>, options: FetchOptions): Prepared {
  const around = currentSpan()
  const url = urlOf(input)
  const isTraced = around === undefined || around.recording !== undefined
  // A span that can't be made must not keep the context from being passed on.
  const span = isTraced ? attempt(() => startCall(engine, url, methodOf(input, init), options, around)) : undefined
  const outbound = span ?? around
  const carries = outbound && attempt(() => options.propagateTo?.(new URL(url)) ?? true)
  const args = carries ? attempt(() => withContext(engine, outbound, input, init)) : undefined
  return { args: args ?? [input, init], span }
}

function startCall(
  engine: Engine,
  url: string,
  method: string,
  options: FetchOptions,
  around: CurrentSpan | undefined,
): CurrentSpan {
  const { name, attributes } = describeCall(url, method, options)
  return startChild(engine, name, { kind: clientKind, attributes }, around)
}

function withContext(
  engine: Engine,
  span: CurrentSpan,
  input: Parameters<Fetch>[0],
  init: RequestInit | undefined,
): Parameters<Fetch> {
  if (init !== undefined && !isPlain(init)) return withContext(engine, span, new Request(input, init), undefined)
  const headers = new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined))
  inject(engine, span, headers)
  return [input, { ...init, headers }]
}

/** Whether all that is in it can be copied: a Request, which `fetch` takes in this place too, keeps nothing of its own. */
function isPlain(init: object): boolean {
  const prototype = Object.getPrototypeOf(init)
  return prototype === null || prototype === Object.prototype
}

/** Not by its class: an adapter may have put another in its place. */
function isRequest(input: unknown): input is Request {
  return typeof input === 'object' && input !== null && typeof (input as { url?: unknown }).url === 'string'
}

function urlOf(input: unknown): string {
  return isRequest(input) ? input.url : String(input)
}

function methodOf(input: unknown, init: RequestInit | undefined): string {
  return String(init?.method ?? (isRequest(input) ? input.method : 'GET')).toUpperCase()
}
