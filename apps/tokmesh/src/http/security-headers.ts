/** Headers that keep browsers from doing anything with an answer but show it to who asked. */

const always: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

const overTls: Readonly<Record<string, string>> = { ...always, 'Strict-Transport-Security': 'max-age=31536000' }

/** The headers of every answer; `secure` is whether it goes out over TLS. */
export function securityHeaders(secure: boolean): Readonly<Record<string, string>> {
  return secure ? overTls : always
}
