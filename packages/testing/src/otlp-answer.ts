import type { ServerResponse } from 'node:http'

/**
 * What a receiver does with requests.
 *
 * - `accept`: answers 200.
 * - `refuse`: its port is closed.
 * - `hang`: takes the request and never answers.
 * - `reset`: takes the request and cuts the connection without an answer.
 * - `truncate`: accepts, and cuts the connection half way through the answer.
 * - `delayMs`: accepts, and answers so many milliseconds later.
 * - `rejectedSpans`: accepts, but for so many of the spans: a partial success.
 * - `status`: answers with that, accepting nothing. `retryAfter` is seconds, or a date.
 */
export type OtlpMode =
  | 'accept'
  | 'refuse'
  | 'hang'
  | 'reset'
  | 'truncate'
  | { readonly delayMs: number }
  | { readonly rejectedSpans: number }
  | { readonly status: number; readonly retryAfter?: number | Date }

/** Answers as the mode says, and returns whether the spans were accepted. */
export function answer(
  response: ServerResponse,
  mode: OtlpMode,
  { status, faults }: { readonly status: number; readonly faults: readonly string[] },
): boolean {
  if (mode === 'hang' || mode === 'refuse') return false
  if (mode === 'reset') {
    response.destroy()
    return false
  }
  if (status !== 200) {
    send(response, status, { message: faults.join('; ') })
    return false
  }
  if (mode === 'truncate') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
    response.write('{"partialSuccess":', () => response.destroy())
  } else if (mode === 'accept') send(response, 200, {})
  else if ('delayMs' in mode) setTimeout(() => send(response, 200, {}), mode.delayMs)
  else if ('rejectedSpans' in mode) send(response, 200, partialSuccess(mode.rejectedSpans))
  else {
    const { retryAfter } = mode
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfterOf(retryAfter) }
    send(response, mode.status, { message: 'told to refuse' }, headers)
    return false
  }
  return true
}

// 64-bit numbers are strings in this direction too.
const partialSuccess = (rejected: number): unknown => ({
  partialSuccess: { rejectedSpans: `${rejected}`, errorMessage: 'told to reject' },
})

const retryAfterOf = (retryAfter: number | Date): string =>
  typeof retryAfter === 'number' ? `${retryAfter}` : retryAfter.toUTCString()

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
