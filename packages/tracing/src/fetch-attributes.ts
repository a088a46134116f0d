import { foldMethod } from '@honoscope/core'
import type { Attributes, Span } from '@opentelemetry/api'
import { redactQuery, splitUrl } from './redact-url.ts'
import { errorStatus } from './span-error.ts'

/** What is told of an outbound call. */
export interface CallOptions {
  /**
   * What `url.full` has for a path: `REDACTED`, or the path as it is called, with the ids and tokens that are in it.
   * Default: `redacted`.
   */
  readonly path?: 'redacted' | 'full'
  /** Query parameters whose values are recorded; the others' are `REDACTED`. Default: none. */
  readonly queryParameters?: readonly string[]
}

/** Returns the span's name and its attributes, by the stable conventions for HTTP clients. */
export function describeCall(
  url: string,
  method: string,
  { path = 'redacted', queryParameters }: CallOptions,
): { readonly name: string; readonly attributes: Attributes } {
  const folded = foldMethod(method)
  const attributes: Attributes = { 'http.request.method': folded }
  if (folded === '_OTHER') attributes['http.request.method_original'] = method.slice(0, 32)
  const parts = splitUrl(url)
  if (parts) {
    const { scheme, host, port } = parts
    attributes['server.address'] = host
    if (port !== undefined) attributes['server.port'] = port
    const shown = path === 'full' || parts.path === '/' ? parts.path : '/REDACTED'
    const query = parts.query ? `?${redactQuery(parts.query, new Set(queryParameters))}` : ''
    attributes['url.full'] = `${scheme}://${authority(host, port, scheme)}${shown}${query}`
  }
  return { name: folded === '_OTHER' ? 'HTTP' : folded, attributes }
}

function authority(host: string, port: number | undefined, scheme: string): string {
  const name = host.includes(':') ? `[${host}]` : host
  const isStandard = port === undefined || (scheme === 'https' ? port === 443 : port === 80)
  return isStandard ? name : `${name}:${port}`
}

/** For a client every answer from 400 on is a failure. */
export function describeResponse(span: Span, { status }: Response): void {
  span.setAttribute('http.response.status_code', status)
  if (status < 400) return
  span.setAttribute('error.type', String(status))
  span.setStatus({ code: errorStatus })
}
