/** No other side gets to silence alerts for longer than this, whatever it asks for. Milliseconds. */
const MOST_MS = 60 * 60_000

/**
 * Returns for how many milliseconds the other side asks us to wait, an hour at most, and `undefined` when it doesn't.
 * `Retry-After` has seconds or a date; GitHub says the second at which its limit starts anew.
 */
export function pauseAskedFor(headers: Headers, now: () => number): number | undefined {
  const asked = ofRetryAfter(headers.get('retry-after'), now) ?? ofRateLimit(headers, now)
  return asked === undefined ? undefined : Math.min(Math.max(asked, 0), MOST_MS)
}

function ofRetryAfter(value: string | null, now: () => number): number | undefined {
  if (value === null) return undefined
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : date - now()
}

function ofRateLimit(headers: Headers, now: () => number): number | undefined {
  const reset = headers.get('x-ratelimit-reset')
  if (headers.get('x-ratelimit-remaining') !== '0' || reset === null || !/^\d{1,12}$/.test(reset)) return undefined
  return Number(reset) * 1000 - now()
}
