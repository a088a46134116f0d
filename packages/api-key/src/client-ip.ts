import type { Context } from 'hono'
import { LRUCache } from 'lru-cache'
import { parseAllowList } from './allow-list.ts'
import { parseIp } from './ip.ts'

/** Who sent a request. Canonical text: dotted quad or RFC 5952, `''` where the runtime does not tell. */
export interface ClientAddress {
  /** Who is answered: the TCP peer, or what a trusted proxy says of its own client. */
  readonly client: string
  /** The other end of the connection. */
  readonly peer: string
}

/** @see createClientIp */
export interface ClientIpOptions {
  /**
   * IPs and CIDRs of the proxies whose `Forwarded`, `X-Forwarded-For` and `X-Real-IP` are believed. They must
   * replace these headers, not append to them. Default: none, the headers are ignored. A bad entry throws.
   */
  readonly trustedProxies?: readonly string[]
  /** Address of the TCP peer. Default: from `c.env` as `@hono/node-server` and `Bun.serve` fill it. */
  readonly peerAddress?: (c: Context) => string | undefined
}

/** Peers keep coming back; parsing one costs about 1 µs. */
const remembered = 1000

/**
 * Returns a function that tells a request's client address. Only a peer in `trustedProxies` is asked for more:
 * then the first valid IP of `Forwarded` (`for=` of its first element), `X-Forwarded-For` (left-most non-empty),
 * `X-Real-IP`, without their ports; the peer itself where none is valid.
 */
export function createClientIp(options: ClientIpOptions = {}): (c: Context) => ClientAddress {
  const { trustedProxies = [], peerAddress = runtimePeer } = options
  const trusted = named('trustedProxies', () => parseAllowList(trustedProxies))
  const canonical = new LRUCache<string, string>({ max: remembered })
  const normalise = (text: string): string => {
    let ip = canonical.get(text)
    if (ip === undefined) {
      ip = parseIp(text)?.text ?? ''
      canonical.set(text, ip)
    }
    return ip
  }
  return (c) => {
    const peer = normalise(peerAddress(c) ?? '')
    if (trusted.size === 0 || !trusted.allows(peer)) return { client: peer, peer }
    return { client: forwardedAddress(c.req.raw.headers) ?? peer, peer }
  }
}

/** Runs a parser of an option, with the option's name before the error's sentence. */
export function named<T>(option: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new TypeError(`${option}: ${(error as Error).message}`, { cause: error })
  }
}

function forwardedAddress(headers: Headers): string | undefined {
  const candidates = [
    firstFor(headers.get('forwarded')),
    headers
      .get('x-forwarded-for')
      ?.split(',')
      .map((part) => part.trim())
      .find((part) => part !== ''),
    headers.get('x-real-ip')?.trim(),
  ]
  for (const candidate of candidates) {
    const ip = candidate && parseIp(withoutPort(candidate))
    if (ip) return ip.text
  }
  return undefined
}

/** A parameter of RFC 7239: a token, or a quoted string with its backslashes. Some proxies leave `[` and `:` unquoted. */
const parameter = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;\s]*))/y

/** Value of the `for` parameter in the first element of a `Forwarded` header. */
function firstFor(header: string | null): string | undefined {
  if (header === null) return undefined
  let at = /^[\s,]*/.exec(header)?.[0].length ?? 0
  while (at < header.length) {
    parameter.lastIndex = at
    const match = parameter.exec(header)
    if (!match) return undefined
    const [whole, name = '', quoted, token = ''] = match
    if (name.toLowerCase() === 'for') return quoted === undefined ? token : quoted.replace(/\\(.)/g, '$1')
    at += whole.length
    const separator = /^\s*;\s*/.exec(header.slice(at))
    if (!separator) return undefined
    at += separator[0].length
  }
  return undefined
}

/** `1.2.3.4:80` and `[2001:db8::1]:80` without the port, `[2001:db8::1]` without its brackets; other text as it is. */
function withoutPort(text: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::([0-9]{1,5}))?$/.exec(text)
  if (!match) return text
  const [, bracketed, plain, port = '0'] = match
  if (Number(port) > 65_535) return text
  // A quad in brackets is no address; a colon in plain text belongs to an IPv6 address and did not match.
  return bracketed === undefined ? (plain ?? text) : bracketed.includes(':') ? bracketed : ''
}

/** What is used of the two runtimes' `env`: Node's `incoming`, and Bun's server or an object that holds it. */
interface RuntimeEnv {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
  readonly server?: RuntimeEnv
  readonly requestIP?: (request: Request) => { readonly address: string } | null
}

function runtimePeer(c: Context): string | undefined {
  const env = c.env as RuntimeEnv | undefined
  return peerOf(env?.server ?? env, c.req.raw) ?? peerOf(env, c.req.raw)
}

function peerOf(env: RuntimeEnv | undefined, request: Request): string | undefined {
  if (typeof env?.requestIP === 'function') return env.requestIP(request)?.address
  return env?.incoming?.socket?.remoteAddress
}
