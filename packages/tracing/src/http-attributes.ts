import { type Exchange, unmatched } from '@honoscope/core'
import type { Attributes, Span } from '@opentelemetry/api'
import { createClientAddress } from './client-address.ts'
import type { HttpTracingOptions } from './http-options.ts'
import { headerOf } from './propagator.ts'
import { redactQuery, splitUrl, type UrlParts } from './redact-url.ts'
import { type ExceptionDetail, errorStatus, recordError } from './span-error.ts'

/** Writes what is known of an exchange at its end to its span, and ends that. */
export type FinishServerSpan = (x: Exchange, span: Span) => void

/** A client can send a header of any length. */
const maxHeaderLength = 512

/** Makes what writes the attributes of stable HTTP semantic conventions. Throws for a bad `trustedProxies`. */
export function createFinish(options: HttpTracingOptions, exceptions: ExceptionDetail): FinishServerSpan {
  const describeRequest = createRequest(options)
  const responseHeaders = namesOf(options.responseHeaders)
  return (x, span) => {
    try {
      const attributes = describeRequest(x)
      if (x.status !== 0) attributes['http.response.status_code'] = x.status
      for (const header of responseHeaders) {
        const value = x.context.res.headers.get(header)
        if (value !== null) attributes[`http.response.header.${header}`] = [value.slice(0, maxHeaderLength)]
      }
      span.updateName(nameOf(x))
      span.setAttributes(attributes)
      describeOutcome(x, span, exceptions)
    } finally {
      span.end()
    }
  }
}

function nameOf({ method, route }: Exchange): string {
  const verb = method === '_OTHER' ? 'HTTP' : method
  return route === unmatched ? verb : `${verb} ${route}`
}

/** The server failed when it says so, or when the body broke off for a fault of its own. */
function describeOutcome(x: Exchange, span: Span, exceptions: ExceptionDetail): void {
  if (x.outcome === 'aborted') span.setAttribute('honoscope.outcome', 'aborted')
  if (x.status < 500 && x.outcome !== 'error') return
  if (x.error !== undefined) {
    recordError(span, x.error, exceptions)
    return
  }
  span.setAttribute('error.type', String(x.status))
  span.setStatus({ code: errorStatus })
}

function createRequest(options: HttpTracingOptions): (x: Exchange) => Attributes {
  const clientOf = createClientAddress(options.trustedProxies)
  const keep = new Set(options.queryParameters)
  const requestHeaders = namesOf(options.requestHeaders)
  const { path = 'template', clientAddress = true, userAgent = true } = options
  const mayBeProxied = (options.trustedProxies ?? []).length > 0
  return (x) => {
    const { context: c, method, route } = x
    const attributes: Attributes = { 'http.request.method': method }
    if (method === '_OTHER') attributes['http.request.method_original'] = c.req.method.slice(0, 32)
    if (route !== unmatched) attributes['http.route'] = route
    describeUrl(attributes, c.req.url, keep)
    if (path === 'full') attributes['url.path'] = c.req.path
    else if (route !== unmatched) attributes['url.path'] = route
    if (clientAddress || mayBeProxied) {
      const { address, proxied } = clientOf(c)
      if (clientAddress && address !== undefined) attributes['client.address'] = address
      const scheme = proxied ? headerOf(c, 'x-forwarded-proto')?.toLowerCase() : undefined
      if (scheme === 'http' || scheme === 'https') attributes['url.scheme'] = scheme
    }
    const version = versionOf(c.env)
    if (version !== undefined) attributes['network.protocol.version'] = version
    const agent = userAgent ? headerOf(c, 'user-agent') : undefined
    if (agent !== undefined) attributes['user_agent.original'] = agent.slice(0, maxHeaderLength)
    for (const header of requestHeaders) {
      const value = headerOf(c, header)
      if (value !== undefined) attributes[`http.request.header.${header}`] = [value.slice(0, maxHeaderLength)]
    }
    return attributes
  }
}

/** The part of a URL that is the same for most requests. */
let lastOrigin = ''
let lastParts: UrlParts | undefined

function describeUrl(attributes: Attributes, url: string, keep: ReadonlySet<string>): void {
  const origin = url.slice(0, url.indexOf('/', url.indexOf('://') + 3))
  if (origin !== lastOrigin || lastParts === undefined) {
    lastParts = splitUrl(origin)
    lastOrigin = origin
  }
  if (lastParts === undefined) return
  const { scheme, host, port } = lastParts
  attributes['url.scheme'] = scheme
  if (host !== '') attributes['server.address'] = host.slice(0, maxHeaderLength)
  if (port !== undefined) attributes['server.port'] = port
  const mark = url.indexOf('?', origin.length)
  if (mark < 0) return
  const end = url.indexOf('#', mark)
  const query = url.slice(mark + 1, end < 0 ? undefined : end)
  if (query !== '') attributes['url.query'] = redactQuery(query, keep)
}

const namesOf = (headers: readonly string[] = []): string[] => headers.map((name) => name.toLowerCase())

/** `1.1` or `2`, where the runtime tells. */
function versionOf(env: unknown): string | undefined {
  const version = (env as { incoming?: { httpVersion?: string } } | undefined)?.incoming?.httpVersion
  return version === '2.0' ? '2' : version
}
