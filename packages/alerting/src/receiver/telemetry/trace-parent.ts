import type { Link, SpanContext } from '@opentelemetry/api'

/** Returns a span as W3C Trace Context writes it: what is kept with a message until it is sent. */
export function traceOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 1).toString(16).padStart(2, '0')}`
}

const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-0([01])$/

/** Returns the link to such a span, `undefined` for none or one that is not in the form. */
export function linkTo(trace: string | undefined): Link | undefined {
  const [, traceId, spanId, sampled] = form.exec(trace ?? '') ?? []
  if (traceId === undefined || spanId === undefined) return undefined
  return { context: { traceId, spanId, traceFlags: Number(sampled), isRemote: true } }
}
