/** Headers that keep browsers from doing anything with an answer but show it to who asked. */
import type { Context } from 'hono'
import type { ConnectionEnv } from '../listener.ts'

const always: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  // Most answers hold what only the holder of a key may see, and most requests hold the key.
  'Cache-Control': 'no-store',
}

// A year, as browsers' preload lists ask for.
const overTls: Readonly<Record<string, string>> = { ...always, 'Strict-Transport-Security': 'max-age=31536000' }

/** The headers of an answer; `secure` is whether it goes out over TLS. */
export function securityHeaders(secure: boolean): Readonly<Record<string, string>> {
  return secure ? overTls : always
}

/** Whether the request came over TLS: the listener's word. Headers, and a whole URL as the target, are the client's. */
export function isSecure(c: Context): boolean {
  // Where the app is called without a listener there is none.
  const env: ConnectionEnv | undefined = c.env
  return env?.secure === true
}

/** Puts the headers on a finished answer that doesn't have its own of that name. */
export function addSecurityHeaders(headers: Headers, secure: boolean): void {
  for (const [name, value] of secure ? overTlsEntries : alwaysEntries) if (!headers.has(name)) headers.set(name, value)
}

const alwaysEntries = Object.entries(always)
const overTlsEntries = Object.entries(overTls)
