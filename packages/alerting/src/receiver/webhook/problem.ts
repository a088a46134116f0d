const titles = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  503: 'Service Unavailable',
} as const

/** Returns an error's answer as `application/problem+json` (RFC 9457). */
export function problem(
  status: keyof typeof titles,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify({ type: 'about:blank', title: titles[status], status, detail }), {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
  })
}

/** Returns 503 with `Retry-After`. Alertmanager tries again at once, and more and more slowly, after any 5xx. */
export function comeAgain(detail: string): Response {
  return problem(503, detail, { 'Retry-After': '1' })
}
