/** What is sent: addresses and headers. */
import { operations } from './generated.ts'
import { type CallOptions, checkKey, type Settings } from './options.ts'
import type { OperationId } from './retry.ts'

/** A call that is ready to be sent, as often as it takes. */
export interface Prepared {
  readonly id: OperationId
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly body: string | undefined
  readonly options: CallOptions
}

/**
 * Makes a call of a method's arguments: one for each name in the path, then what the operation takes, then options.
 * Throws a `TypeError` for an id that no path can carry.
 */
export function prepare(id: OperationId, base: string, given: readonly unknown[]): Prepared {
  const { method, path, input } = operations[id]
  const left = [...given]
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => segment(left.shift(), name))
  const taken = input === 'none' ? undefined : left.shift()
  const query = input === 'query' && taken ? queryOf(taken) : ''
  return {
    id,
    url: base.replace(/\/+$/, '') + filled + query,
    method,
    body: input === 'body' && taken !== undefined ? JSON.stringify(taken) : undefined,
    options: (left.shift() ?? {}) as CallOptions,
  }
}

/** A value as one segment of a path. URLs know `.` and `..` as something else, however they are written. */
function segment(value: unknown, name: string): string {
  const text =
    typeof value === 'string' && !/^\.{0,2}$/.test(value) && !/\p{Surrogate}/u.test(value) ? value : undefined
  if (text === undefined) throw new TypeError(`${name} has to be a text other than "", "." and ".."`)
  return encodeURIComponent(text)
}

/** `?name=value&…`; lists are joined with commas, and what is undefined is left out. */
function queryOf(values: object): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}

/** Headers of one attempt. Rejects as the client's `key` does, and with a `TypeError` for a value that can't be sent. */
export async function headersOf({ id, body, options }: Prepared, settings: Settings): Promise<Headers> {
  const { key, userAgent = 'tokmesh-client', antiReplay, now } = settings
  const { client, requestId } = options
  const headers = new Headers(settings.headers)
  headers.set('Accept', 'application/json')
  headers.set('Authorization', `Bearer ${checkKey(typeof key === 'function' ? await key() : key)}`)
  headers.set('User-Agent', (client?.userAgent ?? userAgent).replace(/[^\x20-\x7e]/g, '?'))
  if (body !== undefined) headers.set('Content-Type', 'application/json')
  if (client?.ip !== undefined) headers.set('X-Forwarded-For', address(client.ip))
  if (requestId !== undefined) headers.set('X-Request-ID', idOf(requestId))
  if (antiReplay && operations[id].antiReplay) {
    headers.set('X-Timestamp', String(now()))
    headers.set('X-Nonce', nonce())
  }
  setTrace(headers, options, settings)
  return headers
}

function setTrace(headers: Headers, options: CallOptions, settings: Settings): void {
  const traceparent = options.traceparent ?? ask(settings.traceparent)
  if (!traceparent || !/^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}/.test(traceparent)) return
  headers.set('traceparent', traceparent)
  const tracestate = options.tracestate ?? ask(settings.tracestate)
  if (tracestate && /^[\t\x20-\x7e]+$/.test(tracestate)) headers.set('tracestate', tracestate)
}

/** What a source of telemetry returns: its fault is none of the call's. */
function ask(source: (() => string | undefined) | undefined): string | undefined {
  try {
    return source?.()
  } catch {
    return undefined
  }
}

function address(ip: string): string {
  if (!/^[\da-f:.]{2,45}$/i.test(ip)) throw new TypeError('client.ip has to be an IP address')
  return ip
}

function idOf(requestId: string): string {
  if (!/^[\w.-]{1,128}$/.test(requestId)) throw new TypeError('requestId has to be 1 to 128 of A-Za-z0-9._-')
  return requestId
}

function nonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
