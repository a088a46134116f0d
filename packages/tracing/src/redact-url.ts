const redacted = 'REDACTED'

/** Parameters beyond these are left out: a client can send as many as it likes. */
const maxParameters = 32

/** A longer name may be a token that was sent without a value. */
const plainName = /^[A-Za-z0-9_.[\]-]{1,32}$/

/**
 * Returns a query string, without its `?`, in which the values are `REDACTED` but for the parameters named in `keep`.
 * So is what stands without a `=`, and a name that is longer than 32 characters or has any but plain ones.
 */
export function redactQuery(query: string, keep: ReadonlySet<string>): string {
  return query
    .split('&', maxParameters)
    .filter((part) => part !== '')
    .map((part) => redactParameter(part, keep))
    .join('&')
}

function redactParameter(part: string, keep: ReadonlySet<string>): string {
  const equals = part.indexOf('=')
  if (equals < 0) return redacted
  const name = part.slice(0, equals)
  if (keep.has(name)) return part.slice(0, 256)
  return `${plainName.test(name) ? name : redacted}=${redacted}`
}

/** What an absolute URL is made of; of its own, as `new URL()` takes more time than the rest of a span. */
export interface UrlParts {
  readonly scheme: string
  /** Without the port, and an IPv6 address without its brackets. */
  readonly host: string
  /** As it stands, or the scheme's own. */
  readonly port: number | undefined
  readonly path: string
  /** Without the `?`; `undefined` when there is none. */
  readonly query: string | undefined
}

const shape = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^:/?#]*)(?::([0-9]{1,5}))?([^?#]*)(?:\?([^#]*))?/i

/** Returns what `url` is made of, without credentials and fragment; `undefined` when it is no absolute URL. */
export function splitUrl(url: string): UrlParts | undefined {
  const match = shape.exec(url)
  if (match === null) return undefined
  const [, scheme = '', host = '', port, path = '', query] = match
  return {
    scheme: scheme.toLowerCase(),
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port: port === undefined ? standardPort(scheme.toLowerCase()) : Number(port),
    path: path === '' ? '/' : path,
    query,
  }
}

const standardPort = (scheme: string): number | undefined =>
  scheme === 'https' ? 443 : scheme === 'http' ? 80 : undefined
